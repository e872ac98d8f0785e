"""Exercises, training, maintenance, documents, risk."""

from openline.audit.rules.programme import demand, documents, exercises, improvement, risks, training

__all__ = ["demand", "documents", "exercises", "improvement", "risks", "training"]
