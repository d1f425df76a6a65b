"""The kinds as the command line shows them: how their bodies are written, and the columns of their tables.

Owns the columns. What `--json` prints is written by the jobs, for the HTTP API too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.cli.tables import Column
from crossdock.compare.kinds import CompareKind
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.kinds.orders import ORDERS
from crossdock.jobs.bodies import RecordBodies
from crossdock.jobs.bodies.customers import CUSTOMER_BODIES
from crossdock.jobs.bodies.orders import ORDER_BODIES


@dataclass(frozen=True, slots=True)
class KindView:
    """One kind on a terminal. `columns` of the missing records: headings, each with the result column that fills it."""

    compare: CompareKind
    bodies: RecordBodies
    columns: tuple[tuple[Column, str], ...]


_ID = (Column("Source id", is_whole=True), "source_id")
_CREATED = (Column("Created", is_whole=True, from_width=70), "created_at")
_ORDER_COLUMNS = (
    (Column("Order", is_whole=True), "number"),
    (Column("E-mail"), "email"),
    (Column("Total", is_number=True, is_whole=True), "total"),
    (Column("", is_whole=True), "currency"),
    (Column("Date", is_whole=True, from_width=70), "created_at"),
    (Column("Payment", from_width=100), "financial_status"),
    (Column("Items", is_number=True, from_width=100), "line_item_count"),
)

VIEWS: Mapping[str, KindView] = {
    view.bodies.kind.name: view
    for view in (
        KindView(CUSTOMERS, CUSTOMER_BODIES, (_ID, (Column("Record"), "label"), _CREATED)),
        KindView(ORDERS, ORDER_BODIES, (_ID, *_ORDER_COLUMNS)),
    )
}
"""By singular kind name."""
