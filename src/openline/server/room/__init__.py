"""The room: one live page for those who lead, write, work and decide."""
