"""How this server does: for load balancers, and for Prometheus."""
