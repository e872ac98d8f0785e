"""The durable engine: jobs and timers that outlive a crash, written in the same transaction as their cause.

Four calls of `port` are all that others use: enqueue, cancel, start, stop (and status). Everything about DBOS stays
inside this package, so that it can be changed.
"""
