"""Scripts of faults: each kind on every kind of call, and any mixture drawn by a seed.

Owns how a rule meets a call (docs/reference/sandbox-faults.md). It must not know what comes of it.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.durability.calls import Rule, calls_of
from tests.durability.stage import Way

KINDS: dict[str, Rule] = {
    "latency": {"seconds": 0.05},
    "rate_limited": {"retry_after": 1},
    "error_before": {"status": 502},
    "drop_before": {},
    "late_commit": {"seconds": 0.3},
    "hang": {},
    "html_page": {},
    "redirect": {},
    "challenge": {},
    "maintenance": {},
    "error_after": {"status": 504},
    "drop_after": {},
    "hang_after": {},
    "truncated": {},
    "cut_body": {},
    "php_notice": {},
    "html_after": {},
}
"""Every kind of fault, with what it is played with."""

# A record whose write is lost three times is given up as unknown; a line that a bulk operation can't carry out is the
# first time. So a script may lose two writes, in bulk one: then nothing may end as unknown.
_LOSING = frozenset({"error_before", "drop_before", "hang", "html_page", "challenge", "maintenance", "late_commit"})
# Time enough for what stores commit late, several times over.
_LATE = {"woocommerce_settle_seconds": 1.2, "shopify_settle_seconds": 1.2}


@dataclass(frozen=True, slots=True)
class Scripts:
    """What strikes in one trial: a script for each store, the seed of their chances, settings that differ."""

    name: str
    woocommerce: list[Rule]
    shopify: list[Rule]
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def patience(self) -> float:
        """How many seconds a request is given: few where a store hangs, since each such call is waited for."""
        hangs = any(str(rule["kind"]).startswith("hang") for rule in (*self.woocommerce, *self.shopify))
        return 0.5 if hangs else 30.0


def on_every_call(kind: str, way: Way) -> Scripts:
    """Let a kind of fault strike each kind of call of both stores once."""
    rule = {"kind": kind, **KINDS[kind]}
    left_out = {"create"} if way.is_bulk and kind in _LOSING else set[str]()

    def script(calls: dict[str, Rule]) -> list[Rule]:
        return [{**rule, **call} for name, call in calls.items() if name not in left_out]

    woocommerce, shopify = calls_of(way)
    return Scripts(kind, script(woocommerce), script(shopify), settings=_LATE if kind == "late_commit" else {})


def drawn(seed: int, way: Way) -> Scripts:
    """Draw a mixture of faults; the same seed gives the same one."""
    random = Random(seed)
    scripts = [[_drawn_rule(random, calls) for _ in range(random.randint(1, 6))] for calls in calls_of(way)]
    for script in scripts:
        _spare(script, 1 if way.is_bulk else 2)
    return Scripts(f"seed {seed}", scripts[0], scripts[1], seed, _LATE)


def _spare(script: list[Rule], left: int) -> None:
    """Let no more than `left` writes of a script be lost."""
    for rule in script:
        is_write = rule.get("method", "POST") != "GET" and "query " not in rule.get("body", "")
        if is_write and rule["kind"] in _LOSING:
            rule["times"] = min(int(rule["times"]), left)
            left -= int(rule["times"])
    script[:] = [rule for rule in script if rule["times"]]


def _drawn_rule(random: Random, calls: dict[str, Rule]) -> Rule:
    kind = random.choice([*KINDS, *("late_commit", "drop_after", "error_after", "cut_body")])
    rule: Rule = {
        "kind": kind,
        **KINDS[kind],
        **random.choice([*calls.values(), *(calls[name] for name in ("create", "create", "get or verify"))]),
        "nth": random.randint(1, 4),
        # A store that hangs is waited for each time.
        "times": 1 if kind.startswith("hang") else random.randint(1, 7),
        "probability": random.choice([0.4, 1.0]),
    }
    if kind in {"error_before", "error_after"}:
        rule["status"] = random.choice([500, 502, 503, 504, 520, 524])
    if kind in {"truncated", "cut_body"}:
        rule["fraction"] = random.choice([0.0, 0.1, 0.5, 0.98])
    if kind == "late_commit":
        rule["seconds"] = random.choice([0.05, 0.3])
    return rule
