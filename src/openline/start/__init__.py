"""From nothing to a first plan: at most thirty questions, a plan, its ten largest gaps, and two pages to print."""
