"""The options of a tool as form fields, made from the kinds' own descriptions: no list of them is kept here.

Owns how an option becomes a field, and how a form becomes options. It must not know any option.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_type_hints

from crossdock.compare.kinds import Filter, Option
from crossdock.domain.difference import Group
from crossdock.sync.options import SyncOption

COMPARE_PREFIX = "compare."
SYNC_PREFIX = "sync."
_MAX_TEXT = 500
_OWN_WAY = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field."""

    value: str
    label: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class FormField:
    """An option as a form shows it. `form` is `flag`, `choice`, `date`, `number` or `text`."""

    name: str
    label: str
    form: str
    value: str
    hint: str = ""
    is_set: bool = False
    choices: tuple[Choice, ...] = ()
    is_changed: bool = False


def title_of(name: str, names: Mapping[str, str]) -> str:
    """Write an option's name as people do: as `names` have it, else `createdAfter` is `Created after`."""
    return names.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().capitalize()


def compare_fields(options: Sequence[Option], form: Mapping[str, str], names: Mapping[str, str]) -> list[FormField]:
    """Make the fields of a comparison's options, filled from a form or with the defaults."""
    return [_compare_field(option, form, names) for option in options]


def read_compare(options: Sequence[Option], form: Mapping[str, str]) -> dict[str, object]:
    """Read a comparison's options from a sent form: a box that is not ticked is not sent."""
    read: dict[str, object] = {}
    for option in options:
        value = form.get(COMPARE_PREFIX + option.name, "").strip()
        if _takes(option.parse) is bool:
            read[option.name] = bool(value)
        elif value:
            read[option.name] = value
    return read


def sync_fields(
    options: Sequence[SyncOption], form: Mapping[str, str], names: Mapping[str, str], *, has_drafts: bool = True
) -> list[FormField]:
    """Make the fields of a sync's options; a destination without drafts is not asked whether to make drafts."""
    return [_sync_field(option, form, names) for option in options if has_drafts or not _is_about_drafts(option)]


def read_sync(options: Sequence[SyncOption], form: Mapping[str, str]) -> dict[str, object]:
    """Read a sync's options from a form or an address; what is not there has its default."""
    read: dict[str, object] = {}
    for option in options:
        value = form.get(SYNC_PREFIX + option.name)
        if value is None or (value == _OWN_WAY and option.form != "text"):
            continue
        read[option.name] = value == "true" if option.form == "flag" else value[:_MAX_TEXT]
    return read


def filter_fields(
    filters: Sequence[Filter], group: Group, where: Mapping[str, object], names: Mapping[str, str]
) -> list[FormField]:
    """Make the fields of a list's filters."""
    return [_filter_field(one, str(where.get(one.name, "") or ""), names) for one in filters if group in one.groups]


def makes_drafts(options: Sequence[SyncOption], chosen: Mapping[str, object], *, has_drafts: bool) -> bool:
    """Tell whether a sync makes drafts, that somebody must complete by hand."""
    about = next((option for option in options if _is_about_drafts(option)), None)
    return has_drafts and about is not None and chosen.get(about.name, about.default) == "draft"


def is_about_drafts(field: FormField) -> bool:
    """Tell whether a field asks whether drafts are made: a confirmation shows it first."""
    return any(choice.value == "draft" for choice in field.choices)


def _is_about_drafts(option: SyncOption) -> bool:
    return "draft" in option.choices


def _takes(parse: Callable[..., Any]) -> object:
    return get_type_hints(parse)["return"]


def _compare_field(option: Option, form: Mapping[str, str], names: Mapping[str, str]) -> FormField:
    kind = _takes(option.parse)
    default = ", ".join(option.default) if isinstance(option.default, list) else str(option.default or "")
    value = form.get(COMPARE_PREFIX + option.name, "" if option.default is False else default)[:_MAX_TEXT]
    forms: Mapping[object, str] = {bool: "flag", datetime: "date", int: "number"}
    is_set = bool(value) if kind is bool else False
    return FormField(
        name=COMPARE_PREFIX + option.name,
        label=title_of(option.name, names),
        form=forms.get(kind, "text"),
        value=value,
        # What is named for people says all; the help would only repeat it.
        hint="" if option.name in names else option.help,
        is_set=is_set,
        is_changed=is_set != bool(option.default) if kind is bool else value != default,
    )


def _sync_field(option: SyncOption, form: Mapping[str, str], names: Mapping[str, str]) -> FormField:
    default = "" if option.default is None else str(option.default).lower() if option.form == "flag" else option.default
    value = form.get(SYNC_PREFIX + option.name, str(default))[:_MAX_TEXT]
    choices: list[tuple[str, str]] = [(choice, title_of(choice, names)) for choice in option.choices]
    if option.form == "flag":
        choices = [("true", "Yes"), ("false", "No")]
        if option.default is None:
            choices = [(_OWN_WAY, "As the destination needs"), *choices]
    return FormField(
        name=SYNC_PREFIX + option.name,
        label=title_of(option.name, names),
        form="text" if option.form == "text" else "choice",
        value=value,
        hint=option.help,
        choices=tuple(Choice(choice, label, choice == value) for choice, label in choices),
        is_changed=value != str(default),
    )


def _filter_field(one: Filter, value: str, names: Mapping[str, str]) -> FormField:
    kind, label = _takes(one.parse), title_of(one.name, names)
    if kind is bool:
        choices = (("", "Any"), ("true", "Yes"), ("false", "No"))
        shown = tuple(Choice(choice, label, choice == value) for choice, label in choices)
        return FormField(one.name, label, "choice", value, choices=shown, is_set=bool(value))
    form = "date" if kind is datetime else "text"
    return FormField(one.name, label, form, value[:10] if form == "date" else value, is_set=bool(value))
