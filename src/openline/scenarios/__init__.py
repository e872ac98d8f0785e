"""Disruptions: what effects exist and how a scenario is bound to the objects of a plan."""
