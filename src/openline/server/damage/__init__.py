"""Damage assessment by object, on a phone, and its results for the teams (ACT-06, COM-08)."""
