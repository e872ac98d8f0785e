"""Plans in the server: taken in, kept as revisions, shown."""
