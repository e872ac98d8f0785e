"""Partners."""

from openline.audit.rules.partners import agreements, capacity, fate

__all__ = ["agreements", "capacity", "fate"]
