"""Bulk operations on request: starting, listing, cancelling, places to upload to. Must not know how one is executed.

Source: reference §2, Admin API 2026-10.
"""

import base64
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from crossdock.sandbox.shopify.bulk_documents import BulkRefusedError, check_bulk_mutation, check_bulk_query
from crossdock.sandbox.shopify.bulk_ledger import MAX_RUNNING, MAX_UPLOAD, BulkOperation
from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.errors import ShopError, invalid_id
from crossdock.sandbox.shopify.paging import Key, connect
from crossdock.sandbox.shopify.records import UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import SHOP_NUMBER

_NO_FILE: Final = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly "
    "for the stagedUploadPath mutation argument."
)
_FILTER = re.compile(r"(\w+)\s*:\s*(>=|<=|>|<)?\s*['\"]?([^\s'\"]+)['\"]?")


def find_operation(_source: object, info: Info, **args: Wire) -> BulkOperation | None:
    """Resolve bulkOperation."""
    number = parse_gid(args["id"], "BulkOperation")
    if number is None:
        raise invalid_id(args["id"])
    return request_of(info).store.bulk.get(number)


def current_operation(_source: object, info: Info, **args: Wire) -> BulkOperation | None:
    """Resolve the deprecated currentBulkOperation: the latest of a type."""
    request = request_of(info)
    return request.store.bulk.last(request.token.app, args.get("type") or "QUERY")


def list_operations(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve bulkOperations of this app; an unknown filter is ignored with a warning."""
    request = request_of(info)
    rows = {op.number: op for op in request.store.bulk if op.app == request.token.app}
    wanted = _filters(request, info, args.get("query"))
    kept = [op for op in rows.values() if all(_fits(op, *condition) for condition in wanted)]
    is_completed = args.get("sortKey") == "COMPLETED_AT"
    order: list[Key] = sorted(
        ((op.completed_at or op.created_at if is_completed else op.created_at).isoformat(), op.number) for op in kept
    )
    return connect(order, lambda key: rows[key[1]], args)


def run_query(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve bulkOperationRunQuery."""
    request = _allowed(info)
    try:
        check_bulk_query(info.schema, args["query"])
        _refuse_when_full(request, "QUERY")
    except BulkRefusedError as refused:
        return {"bulkOperation": None, "userErrors": [refused.error]}
    operation = _start(request, "QUERY", args["query"])
    operation.is_grouped = args["groupObjects"]
    return {"bulkOperation": operation, "userErrors": []}


def run_mutation(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve bulkOperationRunMutation; the file is looked for before the number of running operations."""
    request = _allowed(info)
    request.store.counters.mutations += 1
    try:
        _check_identifier(args.get("clientIdentifier"))
        check_bulk_mutation(info.schema, args["mutation"])
        content = _uploaded(request, args["stagedUploadPath"])
        _refuse_when_full(request, "MUTATION")
    except BulkRefusedError as refused:
        return {"bulkOperation": None, "userErrors": [refused.error]}
    operation = _start(request, "MUTATION", args["mutation"])
    operation.content, operation.client_identifier = content, args.get("clientIdentifier")
    return {"bulkOperation": operation, "userErrors": []}


def cancel(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve bulkOperationCancel; the operation is CANCELING first and CANCELED at its next step."""
    operation = find_operation(_source, info, **args)
    if operation is None:
        return {"bulkOperation": None, "userErrors": [UserError(["id"], "Bulk operation does not exist")]}
    if operation.is_finished:
        status = operation.status.lower()
        message = f"A bulk operation cannot be canceled when it is {status}"
        return {"bulkOperation": operation, "userErrors": [UserError(None, message)]}
    operation.status = "CANCELING"
    return {"bulkOperation": operation, "userErrors": []}


def stage_uploads(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve stagedUploadsCreate: the upload goes to this sandbox, as multipart with the file last."""
    request = request_of(info)
    return {"stagedTargets": [_target(request, one) for one in args["input"]], "userErrors": []}


def _target(request: Request, given: Mapping[str, Wire]) -> dict[str, Wire]:
    now = request.store.now()
    upload = request.store.bulk.stage(SHOP_NUMBER, given["filename"], now)
    day, policy = now.strftime("%Y%m%d"), base64.b64encode(upload.key.encode()).decode()
    parameters = {
        "Content-Type": given["mimeType"],
        "success_action_status": "201",
        "acl": "private",
        "key": upload.key,
        "x-goog-date": now.strftime("%Y%m%dT%H%M%SZ"),
        "x-goog-credential": f"uploads@example.com/{day}/auto/storage/goog4_request",
        "x-goog-algorithm": "GOOG4-RSA-SHA256",
        "x-goog-signature": "0" * 64,
        "policy": policy,
    }
    url = f"{request.base_url}/staged-uploads/"
    return {
        "url": url,
        "resourceUrl": url,
        "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
    }


def _allowed(info: Info) -> Request:
    request = request_of(info)
    if not request.store.behaviour.is_bulk_enabled:
        message = f"Access denied for {info.field_name} field. Bulk operations are not enabled for this app."
        raise ShopError(message, "ACCESS_DENIED")
    return request


def _check_identifier(text: str | None) -> None:
    shortest, longest = 10, 255
    if text is None:
        return
    if len(text) < shortest:
        message = f"is too short (minimum is {shortest} characters)"
        raise BulkRefusedError(["clientIdentifier"], message, "INVALID_MUTATION")
    if len(text) > longest:
        message = f"is too long (maximum is {longest} characters)"
        raise BulkRefusedError(["clientIdentifier"], message, "INVALID_MUTATION")


def _uploaded(request: Request, path: str) -> bytes:
    content = request.store.bulk.uploaded(path)
    if content is None:
        raise BulkRefusedError(None, _NO_FILE, "NO_SUCH_FILE")
    if not content.strip():
        raise BulkRefusedError(None, "The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")
    if len(content) > MAX_UPLOAD:
        message = "The input file size exceeds the maximum allowed size of 100 MB."
        raise BulkRefusedError(None, message, "INVALID_STAGED_UPLOAD_FILE")
    return content


def _refuse_when_full(request: Request, kind: str) -> None:
    running = request.store.bulk.running(request.token.app, kind)
    if len(running) >= MAX_RUNNING:
        ids = ", ".join(operation.id for operation in running)
        message = f"A bulk {kind.lower()} operation for this app and shop is already in progress: {ids}."
        raise BulkRefusedError(None, message, "OPERATION_IN_PROGRESS")


def _start(request: Request, kind: str, text: str) -> BulkOperation:
    store = request.store
    starts_at = store.exact_now() + timedelta(seconds=store.behaviour.bulk_start_seconds)
    operation = BulkOperation(
        store.next_number(),
        request.token.app,
        kind,
        text,
        store.now(),
        request.base_url,
        starts_at,
        starts_at + timedelta(seconds=store.behaviour.bulk_run_seconds),
        request.token,
    )
    store.bulk.add(operation)
    return operation


def _filters(request: Request, info: Info, query: str | None) -> list[tuple[str, str, str]]:
    known: list[tuple[str, str, str]] = []
    ignored: list[tuple[str, str, str]] = []
    for match in _FILTER.finditer(query or ""):
        name, comparator, value = match[1], match[2] or "", match[3]
        rows = known if name in {"created_at", "id", "operation_type", "status"} else ignored
        rows.append((name, comparator, value))
    if ignored:
        warnings = [
            {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}
            for name, _, _ in ignored
        ]
        parsed = {"field": ignored[0][0], "match_all": ignored[0][2]}
        request.searches.append({"path": info.path.as_list(), "query": query, "parsed": parsed, "warnings": warnings})
    return known


def _fits(operation: BulkOperation, name: str, comparator: str, value: str) -> bool:
    if name in {"status", "operation_type"}:
        return value.upper() == (operation.status if name == "status" else operation.type)
    if name == "id":
        left, right = f"{operation.number:020}", value.rpartition("/")[2].zfill(20)
    else:
        left, right = operation.created_at.isoformat(), value.replace("Z", "+00:00")
    is_equal = left.startswith(right)
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}.get(comparator, is_equal)
