"""Own the mails a store sends: what went out, what waits, and the switch that is read when a mail leaves.

Knows no customer and no route. With deferral on, the switch is read when the queue is flushed, so a mail queued while
muted and flushed after the mute ended does go out, as on real shops that defer their mails.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that left the store; `sent_at` is RFC 3339."""

    kind: str
    to: str
    subject: str
    sent_at: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    kind: str
    to: str | Callable[[], str]
    subject: str
    due_at: datetime


class Outbox:
    """The mails of one store, in the order in which they left."""

    def __init__(self, clock: Callable[[], datetime], is_enabled: Callable[[str], bool]) -> None:
        self.deferral_seconds = 0.0
        self.sent: list[Mail] = []
        self.muted: Counter[str] = Counter()
        self._clock = clock
        self._is_enabled = is_enabled
        self._waiting: deque[_Waiting] = deque()

    def send(self, kind: str, to: str | Callable[[], str], subject: str) -> None:
        """Send a mail of WooCommerce's own, at once or when its deferral is over, if its switch is on by then.

        A recipient that is looked up is looked up when the mail leaves; without one, no mail does.
        """
        if self.deferral_seconds > 0:
            due_at = self._clock() + timedelta(seconds=self.deferral_seconds)
            self._waiting.append(_Waiting(kind, to, subject, due_at))
        else:
            self._deliver(kind, to, subject)

    def send_core(self, kind: str, to: str, subject: str) -> None:
        """Send a mail of WordPress itself, which has no switch and is never deferred (§3.5)."""
        self.sent.append(Mail(kind, to, subject, self._clock().isoformat()))

    def flush(self) -> None:
        """Let go of every deferred mail that is due by the clock."""
        now = self._clock()
        while self._waiting and self._waiting[0].due_at <= now:
            waiting = self._waiting.popleft()
            self._deliver(waiting.kind, waiting.to, waiting.subject)

    def counts(self) -> dict[str, Any]:
        """Return how many mails left by kind, how many were muted, and how many wait."""
        return {
            "sent": dict(Counter(mail.kind for mail in self.sent)),
            "muted": dict(self.muted),
            "waiting": len(self._waiting),
        }

    def listing(self) -> list[dict[str, str]]:
        """Return every mail that left, oldest first."""
        return [asdict(mail) for mail in self.sent]

    def clear(self) -> None:
        """Forget all mails, the waiting ones too."""
        self.sent.clear()
        self.muted.clear()
        self._waiting.clear()

    def _deliver(self, kind: str, to: str | Callable[[], str], subject: str) -> None:
        recipient = to if isinstance(to, str) else to()
        if not recipient:
            return
        if self._is_enabled(kind):
            self.sent.append(Mail(kind, recipient, subject, self._clock().isoformat()))
        else:
            self.muted[kind] += 1
