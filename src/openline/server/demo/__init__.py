"""The scripted incident of the demo."""
