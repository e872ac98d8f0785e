"""Roll call: who is safe, who needs help, who has not been heard of (PPL-08)."""
