"""What is wrong with a plan: the rules, their findings and the scores that they add up to."""
