"""`crossdock compare orders` and `crossdock sync orders`."""

from crossdock.cli.record_commands import RecordWords, compare_command, sync_command
from crossdock.compare.kinds.orders import ORDERS
from crossdock.jobs.bodies.orders import ORDER_BODIES
from crossdock.sync.kinds import ORDERS as SYNC_ORDERS

_WORDS = RecordWords(
    expected="NUMBER",
    guard="the order's number",
    about_sync="Create the missing orders; no customer is mailed, no stock and no money moves.",
    also={"statuses": "--status"},
)

compare_orders = compare_command(ORDERS, _WORDS)
sync_orders = sync_command(ORDERS, SYNC_ORDERS, ORDER_BODIES, _WORDS)
