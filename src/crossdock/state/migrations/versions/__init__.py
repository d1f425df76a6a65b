"""The changes. Each states its own tables: those of today's modules may differ from what it made."""
