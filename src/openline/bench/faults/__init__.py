"""Faults on purpose: processes killed, frozen and cut off at every seam, and what the record says afterwards."""
