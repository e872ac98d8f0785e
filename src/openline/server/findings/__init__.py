"""What is wrong with the plan, in pages: findings, each rule, the plan on paper and as files."""
