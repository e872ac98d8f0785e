"""The public status page: what was released, nothing else, and those who subscribe to it."""
