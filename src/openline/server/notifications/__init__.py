"""Which providers reach people, in which order."""
