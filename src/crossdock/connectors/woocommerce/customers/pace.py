"""How many customers go into one batch: as many as the store creates well within the time that hosts allow.

Owns the size. Must not know requests.
"""

SMALLEST, FIRST, LARGEST = 1, 10, 20
SLOW_SECONDS = 15.0
_QUICK_SECONDS = 7.5


class BatchPace:
    """Grows slowly while batches are quick, halves after a slow, failed or oversized one.

    WooCommerce hashes a password for each account: about 0.1 s a customer on a quiet server, ten times that on a weak
    one; hosts cut requests off after 30 to 100 s.
    """

    def __init__(self) -> None:
        self.size = FIRST

    def answered(self, count: int, seconds: float) -> None:
        """Take note of a batch of `count` customers that was answered after `seconds`."""
        if seconds > SLOW_SECONDS:
            self.halve()
        elif count >= self.size and seconds * (self.size + 2) / count < _QUICK_SECONDS:
            self.size = min(LARGEST, self.size + 2)

    def halve(self) -> None:
        """Make batches smaller after trouble."""
        self.size = max(SMALLEST, self.size // 2)
