"""Two snapshots in, differences out. Knows no platform and writes to no store."""
