"""The revisions of a plan: what changed, which findings came and went, and going back."""
