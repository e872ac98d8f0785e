"""Who may do what: accounts with a role, sign-in, and the log of what was done."""
