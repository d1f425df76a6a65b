"""Own what a sandbox may be asked for, and what it hands out: options in, keys of each pair out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How many stores there are, who is in them, and how they behave.

    `customers` people and `orders` orders are spread over both stores of each pair; 0 leaves them out. `load` names a
    folder whose files (WooCommerce REST records) fill pair 1's WooCommerce store instead, Shopify having its products
    only. `hpos`: WooCommerce keeps orders in tables of their own. `tax`: it charges taxes by rates of its own, so that
    what is posted is recomputed. `development`: Shopify takes five orders a minute. `faults` is a script for every
    store; delays are in seconds.
    """

    seed: int = 1
    customers: int = 500
    orders: int = 0
    pairs: int = 1
    load: Path | None = None
    timezone: str | None = None
    plan: Literal["standard", "plus"] = "standard"
    development: bool = False
    hpos: bool = True
    tax: bool = False
    service_times: bool = False
    index_lag: float = 0.0
    deferred_mails: float = 0.0
    faults: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """What a caller needs to reach the two stores of a pair; the same seed gives the same keys."""

    pair: int
    woo_url: str
    consumer_key: str
    consumer_secret: str
    shopify_domain: str
    shopify_base_url: str
    shopify_token: str
    shopify_client_id: str
    shopify_client_secret: str
