"""Who carries out a run: its phases, its lease, and where it is dispatched."""
