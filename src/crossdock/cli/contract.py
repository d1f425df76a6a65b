"""The contract's names for what `--json` prints: the same bodies as the HTTP API.

Owns the names on the command line's side: `web`, which has its own schemas, is a sibling that is never imported. A test
holds the two equal. It must not know where rows come from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.domain.difference import Group
from crossdock.state import Run, WorkOutcome, WorkRow

Row = Mapping[str, Any]

LISTS: Mapping[str, Group] = {
    "differences": Group.ONLY_IN_SOURCE,
    "suspectMatches": Group.SUSPECT_MATCHES,
    "fieldDifferences": Group.FIELD_DIFFERENCES,
    "duplicates": Group.DUPLICATES,
    "unmatchable": Group.UNMATCHABLE,
}


@dataclass(frozen=True, slots=True)
class KindContract:
    """How one kind's rows and results are written. `groups` are the lists that the kind fills."""

    groups: frozenset[Group]
    difference: Callable[[Group, Row, str, str], dict[str, Any]]
    result: Callable[[WorkRow], dict[str, Any]]
    lists: Mapping[str, Group]


_REQUIRED = {"email": "email", "firstName": "first_name", "lastName": "last_name", "sourceCustomerId": "source_id"}
_OPTIONAL = {"phone": "phone", "createdAt": "created_at", "orderCount": "order_count"}
_MORE_OPTIONAL: Mapping[Group, Mapping[str, str]] = {
    Group.ONLY_IN_SOURCE: {"migratedBeforeAs": "stale_destination_id", "migratedBeforeAt": "stale_linked_at"},
    Group.DUPLICATES: {"destinationCustomerId": "destination_id"},
    Group.UNMATCHABLE: {"destinationCustomerId": "destination_id"},
}
_MORE_REQUIRED: Mapping[Group, Mapping[str, str]] = {
    Group.FIELD_DIFFERENCES: {"destinationCustomerId": "destination_id"},
    Group.DUPLICATES: {"side": "side", "duplicateOf": "representative_id"},
    Group.UNMATCHABLE: {"side": "side", "reason": "reason"},
}


def customer_difference(group: Group, row: Row, source: str, destination: str) -> dict[str, Any]:
    """Write one row of a comparison of customers."""
    required = {**_REQUIRED, **_MORE_REQUIRED.get(group, {})}
    optional = {**_OPTIONAL, **_MORE_OPTIONAL.get(group, {})}
    body: dict[str, Any] = {name: "" if row[column] is None else row[column] for name, column in required.items()}
    for name, column in optional.items():
        if row[column] not in {None, ""}:
            body[name] = _value(row[column])
    if group in {Group.ONLY_IN_SOURCE, Group.FIELD_DIFFERENCES}:
        body |= {"existsInSource": True, "existsInDestination": group is Group.FIELD_DIFFERENCES}
    if group is Group.FIELD_DIFFERENCES:
        body["fields"] = list(row["fields"])
        for side in ("source", "destination"):
            body[side] = {name: row[f"{side}_{name}"] or "" for name in row["fields"]}
    return {**body, "sourcePlatform": source, "destinationPlatform": destination}


def _email_of(row: WorkRow) -> str:
    # Whoever has no address is named in lists by name or telephone, which is no e-mail.
    return next((text for text in (row.expected, row.label) if "@" in text), "")


def customer_result(row: WorkRow) -> dict[str, Any]:
    """Write what became of one customer."""
    body: dict[str, Any] = {
        "email": _email_of(row),
        "sourceCustomerId": row.source_id,
        "success": row.is_success,
    }
    optional = {
        "newCustomerId": row.destination_id,
        "alreadyThere": row.outcome is WorkOutcome.ALREADY_THERE,
        "code": row.code,
        "error": row.error,
        "warnings": [reason.message for reason in row.warnings],
        "payload": dict(row.payload) if row.payload else None,
    }
    return body | {name: value for name, value in optional.items() if value}


def run_body(run: Run) -> dict[str, Any]:
    """Write a run."""
    body: dict[str, Any] = {
        "runId": run.id,
        "type": run.type.value,
        "kind": run.kind,
        "pair": run.pair,
        "sourceOfTruth": run.source_platform,
        "state": run.state.value,
        "phase": run.phase,
        "summary": dict(run.summary),
    }
    optional = {
        "error": {"code": run.error_code, "detail": run.error_message} if run.error_code else None,
        "createdAt": run.created_at,
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
        "parentRunId": run.parent_run_id,
    }
    return body | {name: _value(value) for name, value in optional.items() if value}


def _value(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


CUSTOMERS_CONTRACT = KindContract(
    groups=frozenset(CUSTOMERS.groups), difference=customer_difference, result=customer_result, lists=LISTS
)
CONTRACTS: Mapping[str, KindContract] = {CUSTOMERS.record.name: CUSTOMERS_CONTRACT}
"""By singular kind name."""
