"""Differences in, steps and writes out, each accounted for in the ledger. Knows no platform."""
