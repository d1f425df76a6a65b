"""Metafield definitions and the rules of a metafield's value. Must not know customers' other fields, or GraphQL.

Source: reference §3.6. The message for a value that another record holds is not recorded anywhere: ours names the rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from crossdock.sandbox.shopify.records import UserError, Wire, gid

APP_NAMESPACE: Final = "app--1"
_TYPES: Final = (
    *(
        "boolean",
        "color",
        "date",
        "date_time",
        "dimension",
        "float",
        "id",
        "integer",
        "json",
        "json_string",
        "language",
    ),
    *(
        "link",
        "list.date",
        "list.date_time",
        "list.number_decimal",
        "list.number_integer",
        "list.single_line_text_field",
    ),
    *("list.url", "money", "multi_line_text_field", "number_decimal", "number_integer", "rating", "rich_text_field"),
    *("single_line_text_field", "string", "url", "volume", "weight"),
)


@dataclass(slots=True, frozen=True)
class Definition:
    """A metafield definition; its values are unique over all owners where `unique_values` is set."""

    typename: ClassVar[str] = "MetafieldDefinition"
    number: int
    owner_type: str
    namespace: str
    key: str
    name: str
    type_name: str
    description: str | None
    unique_values: bool
    admin_filterable: bool

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("MetafieldDefinition", self.number)

    @property
    def type(self) -> Mapping[str, Wire]:
        """Answer the type object of the API."""
        category = "ID" if self.type_name == "id" else "TEXT"
        return {"name": self.type_name, "category": category}

    @property
    def capabilities(self) -> Mapping[str, Wire]:
        """Answer the capabilities object of the API."""
        eligible = self.type_name in {"id", "single_line_text_field", "number_integer", "url"}
        return {
            "uniqueValues": {"eligible": eligible, "enabled": self.unique_values},
            "adminFilterable": {"eligible": True, "enabled": self.admin_filterable},
        }


class Definitions:
    """The metafield definitions of one store, in the order of their creation."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str, str], Definition] = {}

    def __len__(self) -> int:
        return len(self._all)

    def find(self, owner_type: str, namespace: str, key: str) -> Definition | None:
        """Find a definition."""
        return self._all.get((owner_type, namespace, key))

    def of(self, owner_type: str, namespace: str | None, key: str | None) -> list[Definition]:
        """List the definitions of an owner type, narrowed by namespace and key where given."""
        return [
            found
            for found in self._all.values()
            if found.owner_type == owner_type and namespace in {None, found.namespace} and key in {None, found.key}
        ]

    def create(self, number: int, given: Mapping[str, Wire]) -> Definition | list[UserError]:
        """Create a definition from a `MetafieldDefinitionInput`, or say why not."""
        namespace = full_namespace(given.get("namespace"))
        unique = _capability(given, "uniqueValues")
        created = Definition(
            number,
            given["ownerType"],
            namespace,
            given["key"],
            given["name"],
            given["type"],
            given.get("description"),
            unique_values=given["type"] == "id" or bool(unique),
            admin_filterable=bool(_capability(given, "adminFilterable")),
        )
        errors = [*self._refusals(created, is_unique_refused=unique is False)]
        if errors:
            return errors
        self._all[created.owner_type, namespace, created.key] = created
        return created

    def _refusals(self, wanted: Definition, *, is_unique_refused: bool) -> list[UserError]:
        errors: list[UserError] = []
        if self.find(wanted.owner_type, wanted.namespace, wanted.key) is not None:
            owner = wanted.owner_type.capitalize()
            message = f"Key is in use for {owner} metafields on the '{wanted.namespace}' namespace."
            errors.append(UserError(["definition", "key"], message, "TAKEN"))
        if wanted.type_name not in _TYPES:
            errors.append(UserError(["definition", "type"], _wrong_type(), "INCLUSION"))
        if wanted.type_name == "id" and is_unique_refused:
            message = "The unique values capability is required for this type and can't be disabled."
            errors.append(UserError(["definition", "capabilities"], message, "CAPABILITY_REQUIRED_BUT_DISABLED"))
        return errors


def _capability(given: Mapping[str, Wire], name: str) -> bool | None:
    capabilities: Wire = given.get("capabilities")
    capability: Wire = capabilities.get(name) if capabilities else None
    return capability["enabled"] if capability else None


def full_namespace(given: str | None) -> str:
    """Spell out a namespace: none means the app's own."""
    if given is None or given == "$app":
        return APP_NAMESPACE
    return given.replace("$app:", f"{APP_NAMESPACE}--", 1)


def resolve_type(
    definition: Definition | None, given: Mapping[str, Wire], path: Sequence[str]
) -> tuple[str, list[UserError]]:
    """Choose the type of a metafield input, and list what is wrong with its type and value."""
    kind = given.get("type") or (definition.type_name if definition is not None else None)
    if not kind:
        return "", [UserError([*path, "type"], "Type can't be blank", "BLANK")]
    errors: list[UserError] = []
    if kind not in _TYPES:
        errors.append(UserError([*path, "type"], _wrong_type(), "INCLUSION"))
    elif definition is not None and kind != definition.type_name:
        message = f"Type must be consistent with the definition's type: '{definition.type_name}'."
        errors.append(UserError([*path, "type"], message, "INVALID_TYPE"))
    if not str(given.get("value") or "").strip():
        errors.append(UserError([*path, "value"], "Value can't be blank", "BLANK"))
    return str(kind), errors


def value_taken(path: Sequence[str]) -> UserError:
    """Refuse a unique value that another record holds."""
    return UserError([*path, "value"], "Value has already been taken", "TAKEN")


def _wrong_type() -> str:
    return f"Type must be one of the following: {', '.join(_TYPES)}."
