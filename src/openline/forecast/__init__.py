"""What now: the next hours from the state of this minute, and what each option would make of them."""
