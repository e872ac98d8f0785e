"""Asking owners and vendors: signed links and files that go out, answers that come in, and who has been heard."""
