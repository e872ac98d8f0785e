"""The wizard in pages: from nothing to a first plan."""
