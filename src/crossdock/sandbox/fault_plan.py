"""Own which call gets which fault: the rules of a script, their counters, and the record of every call.

Knows no HTTP server: `faults` plays what is decided here. The format of a script is documented in
`docs/reference/sandbox-faults.md`; it is read strictly, so that a misspelt rule can't silently do nothing.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from random import Random
from typing import Any, cast

BEFORE_COMMIT = frozenset(
    {
        *("latency", "rate_limited", "error_before", "drop_before", "late_commit", "hang", "html_page"),
        *("redirect", "challenge", "maintenance"),
    },
)
AFTER_COMMIT = frozenset(
    {"error_after", "drop_after", "hang_after", "truncated", "cut_body", "php_notice", "html_after"},
)
_READS = ("GET", "HEAD", "OPTIONS")


class FaultScriptError(ValueError):
    """A rule of a script holds a word, a kind or a value that doesn't exist."""


@dataclass(slots=True)
class Fault:
    """One rule: which calls it meets, and what happens to them.

    A call matches by `methods` (empty: any), `path` (part of path and query) and `body` (part of the body, such as the
    name of a GraphQL operation). Of the matching calls the rule strikes from the `nth` on (1 is the first), `times`
    times (0: always), each with a `probability` drawn from the plan's seed.
    """

    kind: str
    methods: tuple[str, ...] = ()
    path: str = ""
    body: str = ""
    nth: int = 1
    times: int = 1
    probability: float = 1.0
    seconds: float = 1.0
    status: int = 503
    retry_after: int | None = None
    fraction: float = 0.5
    location: str = "https://shop.example.com/"
    matched: int = 0
    struck: int = 0

    def is_after_commit(self) -> bool:
        """Tell whether the store carries the call out before its reply is spoilt."""
        return self.kind in AFTER_COMMIT

    def matches(self, method: str, path: str, body: bytes) -> bool:
        """Tell whether a call is one of those that the rule counts."""
        return (not self.methods or method in self.methods) and self.path in path and self.body.encode() in body


@dataclass(slots=True)
class SeenCall:
    """One call that reached the middleware.

    `committed` tells whether the store behind carried it out with a 2xx so far; a late commit turns it true later.
    """

    number: int
    method: str
    path: str
    kind: str | None = None
    committed: bool = False
    store_status: int | None = None


@dataclass(slots=True)
class FaultPlan:
    """The rules in force and the record of what they met."""

    rules: list[Fault] = field(default_factory=list[Fault])
    seed: int = 0
    calls: list[SeenCall] = field(default_factory=list[SeenCall])
    random: Random = field(init=False)
    _late: set[asyncio.Task[None]] = field(init=False, default_factory=set[asyncio.Task[None]])

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def set_rules(self, rules: Sequence[Mapping[str, Any]], seed: int = 0) -> None:
        """Replace the rules by those of a script, counters at zero; raises FaultScriptError for an invalid one."""
        self.rules = [fault_from_json(rule) for rule in rules]
        self.seed = seed
        self.random = Random(seed)

    def clear(self) -> None:
        """Drop rules and record; late commits already under way still happen."""
        self.set_rules([])
        self.calls.clear()

    def meet(self, method: str, path: str, body: bytes) -> tuple[SeenCall, Fault | None]:
        """Record a call and return the fault that strikes it: the first rule that matches and isn't spent."""
        call = SeenCall(len(self.calls) + 1, method, path.partition("?")[0])
        self.calls.append(call)
        for rule in self.rules:
            if not rule.matches(method, path, body):
                continue
            rule.matched += 1
            is_spent = rule.times and rule.struck >= rule.times
            if rule.matched < rule.nth or is_spent or self.random.random() >= rule.probability:
                continue
            rule.struck += 1
            call.kind = rule.kind
            return call, rule
        return call, None

    def note_commit(self, call: SeenCall, status: int) -> None:
        """Record that the store answered a call."""
        call.store_status = status
        call.committed = 200 <= status < 300  # noqa: PLR2004

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a late commit on its own."""
        task = asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def settle(self) -> None:
        """Wait until every late commit has happened."""
        while self._late:
            await asyncio.gather(*self._late)

    def record(self) -> dict[str, Any]:
        """Return the rules with their counters and every write met, as JSON-able values; paths carry no query."""
        return {
            "seed": self.seed,
            "rules": [asdict(rule) for rule in self.rules],
            "calls": len(self.calls),
            "late": len(self._late),
            "writes": [
                {
                    "number": call.number,
                    "method": call.method,
                    "path": call.path,
                    "fault": call.kind,
                    "committed": call.committed,
                    "storeStatus": call.store_status,
                }
                for call in self.calls
                if call.method not in _READS
            ],
        }


def fault_from_json(rule: Mapping[str, Any]) -> Fault:
    """Return the rule that a script's object describes; raises FaultScriptError for unknown words or wrong types."""
    known = {entry.name: entry for entry in fields(Fault) if entry.name not in ("matched", "struck", "methods")}
    words = set(rule) - {"method"}
    if words - set(known):
        raise FaultScriptError(f"unknown words in a fault rule: {', '.join(sorted(words - set(known)))}")
    if rule.get("kind") not in BEFORE_COMMIT | AFTER_COMMIT:
        raise FaultScriptError(f"unknown fault kind: {rule.get('kind')!r}")
    for name in words - {"kind"}:
        default = None if known[name].default is MISSING else known[name].default
        is_number = isinstance(default, (int, float)) or name == "retry_after"
        if isinstance(rule[name], bool) or not isinstance(rule[name], (int, float) if is_number else str):
            raise FaultScriptError(f"{name} of a fault rule must be {'a number' if is_number else 'a text'}")
    given = rule.get("method", ())
    methods = (given,) if isinstance(given, str) else tuple(cast("Sequence[str]", given))
    values: dict[str, Any] = {"status": 301} if rule["kind"] == "redirect" else {}
    values.update({word: rule[word] for word in words})
    return Fault(methods=tuple(method.upper() for method in methods), **values)
