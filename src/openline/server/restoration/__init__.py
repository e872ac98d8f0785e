"""The way back: criteria, walkthrough, recall, calls in tranches, backlog, stand-down (RST-01..04)."""
