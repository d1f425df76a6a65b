"""The JSON bodies that every kind shares, and how they are written.

Owns the base of all schemas (camelCase, unknown members refused), runs, pairs, connections, findings. It must not know
any kind's columns.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

PlatformName = Literal["woocommerce", "shopify"]

MAX_SELECTED = 10_000
"""The most records that one request may list; more are selected by `compareRunId`."""

PairName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", description="The pair of stores that is meant.")]


RUN_ID = "0197a3c2-e41d-7b6f-8a90-1c2d3e4f5a6b"
"""The id of a run in examples."""


def examples(*bodies: Mapping[str, Any]) -> dict[str, Any]:
    """Make a schema's examples."""
    return {"examples": [dict(body) for body in bodies]}


class RequestBody(BaseModel):
    """What a caller sends: exact types, and nothing that is not known."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid", strict=True)


class AnswerBody(BaseModel):
    """What we answer: members named in camelCase, made from attributes or keys in snake_case."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, from_attributes=True
    )


def _aware(value: object) -> object:
    # Result files hold naive UTC: their readers give no zone.
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _text(value: object) -> object:
    return "" if value is None else value


def _absent(value: object) -> object:
    return None if value == "" else value


Moment = Annotated[datetime, BeforeValidator(_aware)]
Text = Annotated[str, BeforeValidator(_text)]
"""A required string: unknown is empty, never null."""
OptionalText = Annotated[str | None, BeforeValidator(_absent)]
"""A string that is left out where it is unknown."""
OptionalMoment = Annotated[datetime | None, BeforeValidator(_aware)]


class RunError(AnswerBody):
    """Why a run failed."""

    code: str
    detail: str


_RUN: dict[str, Any] = {
    "runId": RUN_ID,
    "type": "sync",
    "kind": "customer",
    "pair": "default",
    "sourceOfTruth": "woocommerce",
    "state": "done",
    "phase": "releasing",
    "summary": {"sourceOfTruth": "woocommerce", "total": 30, "succeeded": 28, "failed": 2, "alreadyThere": 0},
    "createdAt": "2026-03-01T09:30:00Z",
    "startedAt": "2026-03-01T09:30:00Z",
    "endedAt": "2026-03-01T09:30:08Z",
}


class RunBody(AnswerBody):
    """A run: a comparison, a sync or an undo, durable and independent of the connection that started it."""

    model_config = ConfigDict(json_schema_extra=examples(_RUN))

    run_id: str
    type: str = Field(description="`compare`, `sync` or `undo`.")
    kind: str
    pair: str
    source_of_truth: str
    state: str = Field(description="`queued`, `running`, `paused`, `interrupted`, `done`, `failed` or `cancelled`.")
    phase: str
    summary: dict[str, Any] = Field(description="The figures of the comparison or the sync, as in its body.")
    error: RunError | None = None
    waiting: RunError | None = Field(None, description="Why nothing happens at the moment, if so.")
    created_at: OptionalMoment = None
    started_at: OptionalMoment = None
    ended_at: OptionalMoment = None
    parent_run_id: OptionalText = None


class RunList(AnswerBody):
    """One page of runs, newest first."""

    model_config = ConfigDict(json_schema_extra=examples({"runs": [_RUN], "total": 1, "page": 1, "pageSize": 50}))

    runs: list[RunBody]
    total: int
    page: int
    page_size: int


class ReasonCount(AnswerBody):
    """How many records a warning or a loss was told of, and what it says."""

    code: str = Field(description="Stable and documented.")
    level: str = Field(description="`info` or `warning`.")
    message: str = Field(description="The sentence, as it was said of the first of these records.")
    count: int


class ReconciliationLine(AnswerBody):
    """What the created records come to on both sides, in one currency and to the cent.

    Amounts are decimal strings by name: `gross`, `tax`, `shipping`, `discount`, `refund`.
    """

    currency: str
    records: int
    source: dict[str, str]
    destination: dict[str, str]
    difference: dict[str, str] = Field(description="Destination less source: 0.00 where nothing was lost.")


class SyncSummary(AnswerBody):
    """How many records there were of each outcome: always `total = succeeded + failed`."""

    source_of_truth: str | None = None
    total: int
    succeeded: int
    failed: int
    already_there: int = Field(0, description="How many of those that succeeded were in the destination before.")
    warnings: list[ReasonCount] | None = Field(None, description="What is not as in the source, by code.")
    losses: list[ReasonCount] | None = Field(None, description="Of a dry run: what will not be carried over, by code.")
    reconciliation: list[ReconciliationLine] | None = Field(
        None, description="By currency, where the records have amounts."
    )


class PairBody(AnswerBody):
    """A pair of stores."""

    model_config = ConfigDict(json_schema_extra=examples({"name": "spring-shop"}))

    name: str


class PairList(AnswerBody):
    """All pairs."""

    model_config = ConfigDict(json_schema_extra=examples({"pairs": [{"name": "default"}, {"name": "spring-shop"}]}))

    pairs: list[PairBody]


class NewPair(RequestBody):
    """A pair to be made."""

    model_config = ConfigDict(json_schema_extra=examples({"name": "spring-shop"}))

    name: PairName


class NewConnection(RequestBody):
    """A store to be connected. Which members each platform takes is listed by `GET /api/connections`."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {
                "settings": {"url": "https://shop.example.com"},
                "secrets": {"consumerKey": "ck_…", "consumerSecret": "cs_…"},
            },
            {"settings": {"domain": "shop.myshopify.com"}, "secrets": {"token": "shpat_…"}},
        )
    )

    settings: dict[str, Annotated[str, Field(max_length=2000)]] = Field(max_length=20)
    secrets: dict[str, Annotated[SecretStr, Field(strict=False)]] = Field(default_factory=dict, max_length=20)


_CONNECTION: dict[str, Any] = {
    "pair": "default",
    "platform": "woocommerce",
    "isConnected": True,
    "settings": {"url": "https://shop.example.com"},
    "storeKey": "shop.example.com",
    "info": {"name": "Spring Shop", "currency": "EUR", "timezone": "Europe/Berlin"},
    "isFromEnvironment": False,
}


class ConnectionBody(AnswerBody):
    """A connected store. Secrets are never part of an answer."""

    model_config = ConfigDict(json_schema_extra=examples(_CONNECTION))

    pair: str
    platform: str
    is_connected: bool
    settings: dict[str, Any] = Field(default_factory=dict)
    store_key: OptionalText = None
    info: dict[str, Any] = Field(default_factory=dict)
    is_from_environment: bool = False


class ConnectionList(AnswerBody):
    """Both stores of a pair."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {
                "connections": [
                    _CONNECTION,
                    {"pair": "default", "platform": "shopify", "isConnected": False, "settings": {}, "info": {}},
                ]
            }
        )
    )

    connections: list[ConnectionBody]


class FindingBody(AnswerBody):
    """One line of a check."""

    capability: str
    level: str = Field(description="`pass`, `warning` or `blocker`.")
    message: str
    advice: OptionalText = None


class FindingList(AnswerBody):
    """What a check found; `ok` is false where anything blocks."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {
                "ok": True,
                "findings": [
                    {"capability": "customers_read", "level": "pass", "message": "Customers can be read."},
                    {
                        "capability": "mail_mute",
                        "level": "warning",
                        "message": "The mail setting can't be read.",
                        "advice": "Give the key of an administrator.",
                    },
                ],
            }
        )
    )

    ok: bool
    findings: list[FindingBody]


def dump(body: BaseModel) -> Mapping[str, Any]:
    """Write a body as JSON values; members without a value are left out."""
    return body.model_dump(mode="json", by_alias=True, exclude_none=True)
