"""Place and shared fate."""

from openline.audit.rules.place import kinship, losses, regions, standbys

__all__ = ["kinship", "losses", "regions", "standbys"]
