"""After-action reports, what is fed back into the plan, and the log to take out (TST-07, MET-05)."""
