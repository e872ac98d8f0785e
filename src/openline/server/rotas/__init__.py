"""On-call rotas: who is on call, who stands in, gaps, calendars, and the daily look at who could not be reached."""
