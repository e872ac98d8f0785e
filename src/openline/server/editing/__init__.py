"""Editing a plan in pages: a form made from the models for every entity, a new revision for every change."""
