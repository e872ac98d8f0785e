"""The pages: a shell that stores plans and shows what the core computes."""
