"""An incident as an append-only log: commands are decided against its state, which is a fold of the events.

Pure: no clock, no database, no network. Who acts and when is given; what is to be done in the world comes back as
jobs.
"""
