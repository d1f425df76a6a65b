"""The page of connections: both stores of a pair, the forms that connect them, and what a check found.

Owns this page. Secrets come in and never go out; a store is asked only when its report is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from crossdock.bootstrap import Platform, Services
from crossdock.connectors.contract import Finding, FindingLevel
from crossdock.domain.errors import CrossdockError, InvalidRequestError
from crossdock.jobs.connections import Connection
from crossdock.jobs.requests import DEFAULT_PAIR
from crossdock.web.errors import status_of
from crossdock.web.pages.layout import pair_of, render, with_pair
from crossdock.web.pages.mail_notice import mail_notices
from crossdock.web.pages.run_lines import StoreName
from crossdock.web.services import ServicesDep

router = APIRouter(include_in_schema=False, prefix="/connections")

_MOST_CHARACTERS = 2000
_LABELS: Mapping[str, tuple[str, str]] = {
    "url": ("Address of the shop", "As your customers enter it: https://shop.example.com"),
    "consumerKey": (
        "Consumer key",
        "In WooCommerce: Settings, Advanced, REST API. An administrator's, read and write.",
    ),
    "consumerSecret": ("Consumer secret", "Shown once, beside the key."),
    "caFile": ("Certificate file", "Only for a shop with a certificate of its own authority; else leave it empty."),
    "domain": ("Domain of the shop", "The one that ends in .myshopify.com"),
    "token": (
        "Access token",
        "Of a custom app, begins with shpat_. Leave it empty when you give a client id and secret.",
    ),
    "clientId": ("Client id", "Of the app, when it has no access token of its own."),
    "clientSecret": ("Client secret", "Belongs to the client id."),
}
"""What each field is called and where its value is found, in the order of a form."""

_TITLES = {"api_version": "API version", "write": "Write customers"}
"""What a capability is called where its own name says it badly."""

_ORDER = {FindingLevel.BLOCKER: 0, FindingLevel.WARNING: 1, FindingLevel.PASS: 2}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of a form; a secret's value is never shown."""

    name: str
    label: str
    hint: str
    value: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of a check's report."""

    title: str
    level: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, the gravest first; `problem` is why there was none."""

    lines: Sequence[FindingLine] = ()
    problem: str = ""

    def count(self, level: str) -> int:
        """Count the lines of a level."""
        return sum(line.level == level for line in self.lines)


@dataclass(frozen=True, slots=True)
class StorePanel:
    """One store of the pair. `problem` is what went wrong with it, or with what was just entered."""

    platform: str
    store: StoreName
    name: str
    is_connected: bool
    is_fixed: bool
    fields: Sequence[FieldLine]
    is_open: bool
    problem: str
    report: Report | None
    action: str
    forget: str
    report_href: str


@router.get("")
async def show(
    request: Request,
    services: ServicesDep,
    check: Annotated[str, Query(max_length=40)] = "",
    edit: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show both stores; `check` names the one to try now, or `all`."""
    pair = pair_of(request)
    panels = [
        await _panel(services, pair, name, check=check in {name, "all"}, edit=edit) for name in services.platforms
    ]
    return await _page(request, services, pair, panels)


@router.post("/pairs")
async def create_pair(services: ServicesDep, name: Annotated[str, Form(max_length=200)]) -> Response:
    """Make a pair without stores, and show it."""
    await services.connections.create_pair(name.strip())
    return RedirectResponse(with_pair("/connections", name.strip()), HTTPStatus.SEE_OTHER)


@router.post("/pairs/forget")
async def forget_pair(request: Request, services: ServicesDep) -> Response:
    """Forget the pair in hand and its connections."""
    await services.connections.delete_pair(pair_of(request))
    return RedirectResponse("/connections", HTTPStatus.SEE_OTHER)


@router.post("/{platform}")
async def connect(request: Request, services: ServicesDep, platform: str) -> Response:
    """Contact the store with what was entered and keep it when it is accepted; else say why, beside the form."""
    pair, described = pair_of(request), services.connections.platform(platform)
    async with request.form(max_fields=40, max_part_size=_MOST_CHARACTERS) as form:
        settings, secrets = _given(form, described.settings_fields), _given(form, described.secret_fields)
    try:
        await services.connections.put(pair, platform, settings, secrets)
    except CrossdockError as error:
        entered = (platform, settings, error.message)
        panels = [await _panel(services, pair, name, entered=entered) for name in services.platforms]
        return await _page(request, services, pair, panels, status_of(error))
    return RedirectResponse(with_pair("/connections", pair, check=platform), HTTPStatus.SEE_OTHER)


@router.post("/{platform}/forget")
async def forget(request: Request, services: ServicesDep, platform: str) -> Response:
    """Forget a store and its credentials.

    Raises:
        InvalidRequestError: the program's variables set it.
    """
    pair = pair_of(request)
    connection = await services.connections.get(pair, platform)
    if connection is not None and connection.is_from_environment:
        sentence = "This store is set by the program's variables; take them away there."
        raise InvalidRequestError("set_by_environment", sentence, field="platform")
    await services.connections.delete(pair, platform)
    return RedirectResponse(with_pair("/connections", pair), HTTPStatus.SEE_OTHER)


async def _page(
    request: Request, services: Services, pair: str, panels: Sequence[StorePanel], status: int = HTTPStatus.OK
) -> Response:
    context = {
        "pair": pair,
        "panels": panels,
        "mail_notices": await mail_notices(services),
        "check_all": with_pair("/connections", pair, check="all"),
        "forget_pair": "" if pair == DEFAULT_PAIR else with_pair("/connections/pairs/forget", pair),
        "pairs": await services.connections.pairs(),
        "blockers": [
            (one.store.title, one.report.count("blocker")) for one in panels if one.report and one.report.lines
        ],
    }
    return await render(request, "connections.html", context, here="connections", status_code=status)


async def _panel(
    services: Services,
    pair: str,
    platform: str,
    *,
    check: bool = False,
    edit: str = "",
    entered: tuple[str, Mapping[str, str], str] | None = None,
) -> StorePanel:
    described, problem = services.platforms[platform], ""
    connection: Connection | None = None
    try:
        connection = await services.connections.get(pair, platform)
    except CrossdockError as error:
        if error.code == "pair_not_found":
            raise
        problem = error.message
    is_entered = entered is not None and entered[0] == platform
    settings: Mapping[str, str] = connection.settings if connection else {}
    if entered is not None and is_entered:
        settings, problem = entered[1], entered[2]
    is_there = connection is not None or (bool(problem) and not is_entered)
    return StorePanel(
        platform=platform,
        store=StoreName.of(described.title, connection.store_key if connection else ""),
        name=str(connection.info.get("name") or "") if connection else "",
        is_connected=is_there,
        is_fixed=connection.is_from_environment if connection else bool(problem) and not is_entered,
        fields=_fields(described, settings),
        is_open=is_entered or edit == platform or not is_there,
        problem=problem,
        report=await _report(services, pair, platform) if check and is_there else None,
        action=with_pair(f"/connections/{platform}", pair),
        forget=with_pair(f"/connections/{platform}/forget", pair),
        report_href=with_pair("/connections", pair, check=platform),
    )


async def _report(services: Services, pair: str, platform: str) -> Report:
    try:
        findings = await services.connections.check(pair, platform)
    except CrossdockError as error:
        return Report(problem=error.message)
    return Report([_line(finding) for finding in sorted(findings, key=lambda one: _ORDER[one.level])])


def _line(finding: Finding) -> FindingLine:
    title = _TITLES.get(finding.capability, finding.capability.replace("_", " ").capitalize())
    return FindingLine(title, finding.level.value, finding.message, finding.advice)


def _fields(described: Platform, settings: Mapping[str, str]) -> Sequence[FieldLine]:
    def line(name: str, *, is_secret: bool) -> FieldLine:
        label, hint = _LABELS.get(name, (name, ""))
        return FieldLine(name, label, hint, "" if is_secret else settings.get(name, ""), is_secret)

    names = (*described.settings_fields, *described.secret_fields)
    order = {name: place for place, name in enumerate(_LABELS)}
    return [
        line(name, is_secret=name in described.secret_fields)
        for name in sorted(names, key=lambda name: order.get(name, len(order)))
    ]


def _given(form: FormData, names: Sequence[str]) -> dict[str, str]:
    """Take the fields that were filled in."""
    values = {name: form.get(name) for name in names}
    return {name: value.strip() for name, value in values.items() if isinstance(value, str) and value.strip()}
