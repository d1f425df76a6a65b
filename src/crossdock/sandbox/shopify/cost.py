"""What a request costs: the price before it runs, and the price of what it really returned.

Must not know buckets or how a request is executed. Written from reference §1.3, which fits recorded replies: an object
costs 1, a connection 2 plus a damped multiple of its node, a mutation 10, a root count 10, at least 1 in all.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.schema_walk import answered_type, is_connection

MAX_COST: Final = 1000
_FREE_TYPES: Final = frozenset({"MoneyBag", "MoneyV2", "PageInfo", "Weight"})
_FREE_FIELDS: Final = frozenset(
    {
        ("Customer", "defaultAddress"),
        ("Customer", "addresses"),
        ("Customer", "emailMarketingConsent"),
        ("Customer", "smsMarketingConsent"),
        ("Shop", "shopAddress"),
        ("Location", "address"),
    }
)
_DEAR_MUTATIONS: Final = {"refundCreate": 20}
_ROOT_COUNT: Final = 10
_MUTATION: Final = 10
_CONNECTION: Final = 2


@dataclass(slots=True)
class _Priced:
    """A selected object field: its own price and what is selected in it."""

    key: str
    own: float
    children: list["_Priced"] = field(default_factory=list["_Priced"])
    variants: dict[str, list["_Priced"]] = field(default_factory=dict[str, list["_Priced"]])
    is_connection: bool = False
    sizes: tuple[ValueNode, ...] = ()
    conditions: tuple[tuple[bool, ValueNode], ...] = ()


class Pricing:
    """The price of one operation of a document, computed for each set of variables without walking the schema again."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._is_mutation = operation.operation is OperationType.MUTATION
        root = schema.mutation_type if self._is_mutation else schema.query_type
        self._roots, _ = self._compile(operation.selection_set, root, is_payload=False)

    def requested(self, variables: Mapping[str, Wire]) -> int:
        """Answer the cost that is checked before anything runs."""
        return max(1, round(sum(self._price(node, variables) for node in self._roots)))

    def actual(self, variables: Mapping[str, Wire], data: Mapping[str, Wire] | None) -> int:
        """Answer the cost of the returned data; null objects and rows that aren't there cost nothing."""
        if data is None:
            return _MUTATION * len(self._roots) if self._is_mutation else 1
        total = 0.0
        for node in self._roots:
            value = data.get(node.key)
            total += self._price_of(node, variables, value) if value is not None else node.own * self._is_mutation
        return max(1, round(total))

    def _compile(
        self, selection: SelectionSetNode, parent: GraphQLNamedType | None, *, is_payload: bool
    ) -> tuple[list[_Priced], dict[str, list[_Priced]]]:
        common: list[_Priced] = []
        variants: dict[str, list[_Priced]] = {}
        for node in selection.selections:
            if isinstance(node, FieldNode):
                priced = self._compile_field(node, parent, is_payload=is_payload)
                if priced is not None:
                    common.append(priced)
                continue
            name, inner = self._fragment(node, parent)
            nested, deeper = self._compile(inner, self._schema.type_map[name], is_payload=is_payload)
            conditions = _conditions(node.directives)
            for priced in nested:
                priced.conditions += conditions
            if parent is not None and name == parent.name:
                common.extend(nested)
            else:
                variants.setdefault(name, []).extend(nested)
            for other, rows in deeper.items():
                variants.setdefault(other, []).extend(rows)
        return common, variants

    def _fragment(
        self, node: FragmentSpreadNode | InlineFragmentNode | object, parent: GraphQLNamedType | None
    ) -> tuple[str, SelectionSetNode]:
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            return fragment.type_condition.name.value, fragment.selection_set
        if not isinstance(node, InlineFragmentNode):
            raise TypeError("a selection is a field, a spread or an inline fragment")
        name = node.type_condition.name.value if node.type_condition else (parent.name if parent else "")
        return name, node.selection_set

    def _compile_field(self, node: FieldNode, parent: GraphQLNamedType | None, *, is_payload: bool) -> _Priced | None:
        name = node.name.value
        if name.startswith("__") or node.selection_set is None:
            return None
        answered = answered_type(parent, name)
        if parent is None or answered is None:
            return None
        is_root_mutation = parent is self._schema.mutation_type
        key = (node.alias or node.name).value
        priced = _Priced(key, self._own(parent, name, answered, is_payload=is_payload, is_mutation=is_root_mutation))
        priced.conditions = _conditions(node.directives)
        if is_connection(answered):
            priced.is_connection, priced.own = True, _CONNECTION
            priced.sizes = tuple(a.value for a in node.arguments or () if a.name.value in {"first", "last"})
        priced.children, priced.variants = self._compile(node.selection_set, answered, is_payload=is_root_mutation)
        return priced

    def _own(
        self, parent: GraphQLNamedType, name: str, answered: GraphQLNamedType, *, is_payload: bool, is_mutation: bool
    ) -> float:
        if is_mutation:
            return _DEAR_MUTATIONS.get(name, _MUTATION)
        if answered.name == "Count" and parent is self._schema.query_type:
            return _ROOT_COUNT
        is_free = is_payload or answered.name in _FREE_TYPES or (parent.name, name) in _FREE_FIELDS
        return 0 if is_free else 1

    def _price(self, node: _Priced, variables: Mapping[str, Wire]) -> float:
        if _is_skipped(node, variables):
            return 0
        if node.is_connection:
            size = max((int(_value(size, variables) or 0) for size in node.sizes), default=0)
            return node.own + _damped(size) * self._node_price(node, variables)
        return node.own + self._sum(node, variables)

    def _sum(self, node: _Priced, variables: Mapping[str, Wire]) -> float:
        common = sum(self._price(child, variables) for child in node.children)
        by_type = [sum(self._price(child, variables) for child in rows) for rows in node.variants.values()]
        return common + max(by_type, default=0)

    def _node_price(self, node: _Priced, variables: Mapping[str, Wire]) -> float:
        rows = [child for child in node.children if child.key != "pageInfo"]
        total = 0.0
        for child in rows:
            targets = [inner for inner in child.children if inner.own] if child.key == "edges" else [child]
            total += sum(1 + self._sum(target, variables) for target in targets)
        return total

    def _price_of(self, node: _Priced, variables: Mapping[str, Wire], value: Wire) -> float:
        if value is None or _is_skipped(node, variables):
            return 0
        if node.is_connection:
            rows: Sequence[Wire] = value.get("nodes") or value.get("edges") or ()
            return node.own + _damped(len(rows)) * self._node_price(node, variables) if rows else node.own
        rows = cast("list[Wire]", value) if isinstance(value, list) else [value]
        # An id that the store doesn't have answers null in its place.
        first: dict[str, Wire] | None = next((row for row in rows if row is not None), None)
        if first is None:
            return 0
        common = sum(self._price_of(child, variables, first.get(child.key)) for child in node.children)
        by_type = [
            sum(self._price_of(child, variables, first.get(child.key)) for child in rows)
            for rows in node.variants.values()
        ]
        return node.own + common + max(by_type, default=0)


def _damped(size: int) -> int:
    return max(1, math.floor(2 * math.log(size))) if size > 0 else 0


def _conditions(directives: Sequence[Wire] | None) -> tuple[tuple[bool, ValueNode], ...]:
    names = {"include": True, "skip": False}
    found = [d for d in directives or () if d.name.value in names and d.arguments]
    return tuple((names[d.name.value], d.arguments[0].value) for d in found)


def _is_skipped(node: _Priced, variables: Mapping[str, Wire]) -> bool:
    return any(bool(_value(value, variables)) is not wanted for wanted, value in node.conditions)


def _value(node: ValueNode, variables: Mapping[str, Wire]) -> Wire:
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    if isinstance(node, IntValueNode):
        return int(node.value)
    return node.value if isinstance(node, BooleanValueNode) else None
