"""Situation reports: drafted from the state, edited by a person, issued on rhythm."""
