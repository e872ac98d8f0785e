"""What the program says of itself: fields, rules, coverage and schemas, generated so that they can not drift."""
