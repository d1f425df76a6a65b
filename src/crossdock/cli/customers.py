"""`crossdock compare customers` and `crossdock sync customers`."""

from crossdock.cli.record_commands import RecordWords, compare_command, sync_command
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.jobs.bodies.customers import CUSTOMER_BODIES
from crossdock.sync.kinds import CUSTOMERS as SYNC_CUSTOMERS

_WORDS = RecordWords(
    expected="EMAIL",
    guard="the address",
    about_sync="Create the missing customers; no customer is mailed.",
    also={"roles": "--role"},
)

compare_customers = compare_command(CUSTOMERS, _WORDS)
sync_customers = sync_command(CUSTOMERS, SYNC_CUSTOMERS, CUSTOMER_BODIES, _WORDS)
