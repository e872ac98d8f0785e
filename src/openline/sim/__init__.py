"""The simulator: call by call, from plan and timeline to service."""
