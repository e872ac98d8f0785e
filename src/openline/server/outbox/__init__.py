"""The outbox: every message that was handed to a provider, or caught."""
