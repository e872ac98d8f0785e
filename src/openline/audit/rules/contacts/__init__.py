"""Contacts and communication."""

from openline.audit.rules.contacts import messages, reach, trees

__all__ = ["messages", "reach", "trees"]
