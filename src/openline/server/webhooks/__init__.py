"""Telling other programs what happens: signed calls to addresses that have proved they want them."""
