"""The centre at a glance."""
