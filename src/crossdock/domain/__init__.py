"""What a shop's record is, in words that no platform owns.

Standard library and value libraries only: no I/O, no clock, no logging, no platform's wire format.
"""
