"""Incidents in the server: the log, its fold, the jobs it calls for, and the pages of the response."""
