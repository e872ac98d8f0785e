"""Systems, spares, data."""

from openline.audit.rules.systems import arrangements, components, data, papers, standbys

__all__ = ["arrangements", "components", "data", "papers", "standbys"]
