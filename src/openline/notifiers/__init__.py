"""Ways to reach people: one file each, and the table of them."""
