"""Checks a document against the schema and words each fault as the platform does. Must not know variables or execution.

Source: reference §1.4: such a reply has neither data nor cost. Faults without a recorded shape keep the library's
words.
"""

from collections.abc import Sequence
from typing import Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    ValuesOfCorrectTypeRule,
    Visitor,
    get_location,
    is_required_argument,
    print_ast,
    specified_rules,
    validate,
    visit,
)

from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.schema_walk import print_type_of

_WORDED: Final = frozenset(
    {
        "FieldsOnCorrectTypeRule",
        "KnownArgumentNamesRule",
        "ProvidedRequiredArgumentsRule",
        "ValuesOfCorrectTypeRule",
        "NoUnusedVariablesRule",
    }
)
_OTHER_RULES: Final = [rule for rule in specified_rules if rule.__name__ not in _WORDED]


def check_document(schema: GraphQLSchema, document: DocumentNode) -> list[dict[str, Wire]]:
    """List the faults of a document, as the entries of a reply's `errors`."""
    errors = _worded_faults(schema, document)
    if errors:
        return errors
    faults = validate(schema, document, _OTHER_RULES)
    return [{**fault.formatted, "extensions": {"code": "invalidDocument"}} for fault in faults]


def _worded_faults(schema: GraphQLSchema, document: DocumentNode) -> list[dict[str, Wire]]:
    info = TypeInfo(schema)
    unfit = validate(schema, document, [ValuesOfCorrectTypeRule])
    checker = _Checker(info, {next(iter(fault.positions)) for fault in unfit if fault.positions})
    visit(document, TypeInfoVisitor(info, checker))
    faults = validate(schema, document, [NoUnusedVariablesRule])
    return [*checker.errors, *(_unused(fault) for fault in faults)]


def _unused(fault: GraphQLError) -> dict[str, Wire]:
    name = fault.message.partition("$")[2].partition('"')[0].partition("'")[0]
    return {
        "message": f"Variable ${name} is declared by the operation but not used",
        "locations": [{"line": at.line, "column": at.column} for at in fault.locations or ()],
        "extensions": {"code": "variableNotUsed", "variableName": name},
    }


class _Checker(Visitor):
    """Walks a document with its types and notes unknown fields, unknown, missing and unfit arguments."""

    def __init__(self, info: TypeInfo, unfit: set[int]) -> None:
        super().__init__()
        self.errors: list[dict[str, Wire]] = []
        self._info = info
        self._unfit = unfit
        self._path: list[str] = []

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: object) -> None:
        name = f" {node.name.value}" if node.name else ""
        self._path = [f"{node.operation.value}{name}"]

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_args: object) -> None:
        self._path = [f"fragment {node.name.value}"]

    def enter_inline_fragment(self, node: InlineFragmentNode, *_args: object) -> None:
        self._path.append(f"... on {node.type_condition.name.value}" if node.type_condition else "...")

    def leave_inline_fragment(self, *_args: object) -> None:
        self._path.pop()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_args: object) -> None:
        self._path.append(f"... {node.name.value}")

    def leave_fragment_spread(self, *_args: object) -> None:
        self._path.pop()

    def enter_field(self, node: FieldNode, *_args: object) -> None:
        name = node.name.value
        self._path.append((node.alias or node.name).value)
        parent, definition = self._info.get_parent_type(), self._info.get_field_def()
        if parent is None:
            return
        if definition is None:
            extensions = {"code": "undefinedField", "typeName": parent.name, "fieldName": name}
            self._note(node, f"Field '{name}' doesn't exist on type '{parent.name}'", extensions)
            return
        given = {argument.name.value for argument in node.arguments or ()}
        missing = [key for key, arg in definition.args.items() if is_required_argument(arg) and key not in given]
        if missing:
            names = ", ".join(missing)
            extensions = {"code": "missingRequiredArguments", "className": "Field", "name": name, "arguments": names}
            self._note(node, f"Field '{name}' is missing required arguments: {names}", extensions)
        for argument in node.arguments or ():
            key = argument.name.value
            if key not in definition.args:
                extensions = {"code": "argumentNotAccepted", "name": name, "typeName": "Field", "argumentName": key}
                self._note(argument, f"Field '{name}' doesn't accept argument '{key}'", extensions, [key])
            elif not self._fits(argument):
                kind = print_type_of(definition.args[key])
                message = (
                    f"Argument '{key}' on Field '{name}' has an invalid value ({print_ast(argument.value)}). "
                    f"Expected type '{kind}'."
                )
                extensions = {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": key}
                self._note(argument, message, extensions, [key])

    def leave_field(self, *_args: object) -> None:
        self._path.pop()

    def _fits(self, argument: ArgumentNode) -> bool:
        at = argument.loc
        return at is None or not any(at.start <= fault < at.end for fault in self._unfit)

    def _note(self, node: Node, message: str, extensions: dict[str, Wire], more: Sequence[str] = ()) -> None:
        error: dict[str, Wire] = {"message": message}
        if node.loc is not None:
            at = get_location(node.loc.source, node.loc.start)
            error["locations"] = [{"line": at.line, "column": at.column}]
        self.errors.append({**error, "path": [*self._path, *more], "extensions": extensions})
