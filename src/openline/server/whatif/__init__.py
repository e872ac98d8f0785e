"""What if? A disruption, its timeline and what customers feel."""
