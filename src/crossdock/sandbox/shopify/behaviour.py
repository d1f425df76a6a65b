"""How a store behaves where real ones differ, and what it counts. Must not know what it stores."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(slots=True)
class Behaviour:
    """What a test or a demo may change while the store runs; every duration is in seconds of the store's clock."""

    index_lag_seconds: float = 0.0
    bulk_start_seconds: float = 0.2
    bulk_run_seconds: float = 0.3
    bulk_fails_after: int | None = None
    is_bulk_enabled: bool = True
    is_customer_data_approved: bool = True
    service_seconds: float = 0.0
    job_seconds: float = 0.2
    draft_ready_seconds: float = 0.0
    checks_order_addresses: bool = False
    notifies_on_draft_completion: bool = True
    orders_per_minute: int = 5
    tax_title: str = "Sales tax"
    tax_rate: Decimal = Decimal("0.07")
    real_gateways: frozenset[str] = frozenset({"shopify_payments", "paypal", "stripe"})


@dataclass(slots=True)
class Counters:
    """What happened since the last reset; mails are those that a real store would have sent."""

    requests: int = 0
    throttled: int = 0
    points_used: float = 0.0
    mutations: int = 0
    mails: int = 0
    stock_changes: int = 0
    money_movements: int = 0
    money: Counter[str] = field(default_factory=Counter[str])
