"""Openline keeps a contact centre answering when things break."""
