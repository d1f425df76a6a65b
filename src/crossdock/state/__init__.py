"""What Crossdock remembers, in SQL: each module owns its tables and their queries.

No row leaves this package: callers get domain objects or plain values.
"""
