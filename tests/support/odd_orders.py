"""Orders as odd as merchants really have them, in the records of either store.

Owns how such records are spelt, with totals that follow from their parts. It must not know what becomes of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2

from crossdock.domain.difference import Group
from crossdock.sandbox.shopify.order_seeds import SeedLine, SeedOrder, SeedTransaction, SeedVariant
from crossdock.sandbox.stores import SandboxPair
from crossdock.state import Run, WorkRow
from tests.support.sync_desk import Desk, Premises

Row = dict[str, Any]
ORDERED_AT = datetime(2024, 3, 1, 8, 30, 1, tzinfo=UTC)
SKU = "MUG"


def stock_up(pair: SandboxPair) -> None:
    """Give both stores one product with a SKU of its own, and one SKU that two have."""
    twice = {"sku": "TWICE", "name": "Lamp"}
    pair.woo.load_products([{"id": 5, "sku": SKU, "name": "Mug", "manage_stock": True, "stock_quantity": 90}])
    pair.woo.load_products([{"id": 6, **twice}, {"id": 7, **twice}])
    pair.shopify.seed_variants(
        [
            SeedVariant(SKU, "Mug", inventory_quantity=90),
            SeedVariant("TWICE", "Lamp", "Red"),
            SeedVariant("TWICE", "Lamp", "Blue"),
        ]
    )


def woo_line(total: str, quantity: int = 1, *, subtotal: str = "", product_id: int = 5, **taxes: str) -> Row:
    """Spell a line; `taxes` are amounts by the number of their rate (`rate1`)."""
    shares = [{"id": int(name[4:]), "total": amount, "subtotal": amount} for name, amount in taxes.items()]
    return {
        "name": f"Item {product_id}",
        "product_id": product_id,
        "sku": {5: SKU, 6: "TWICE"}.get(product_id, ""),
        "quantity": quantity,
        "subtotal": subtotal or total,
        "total": total,
        "total_tax": str(sum((Decimal(amount) for amount in taxes.values()), Decimal(0))),
        "taxes": shares,
    }


def woo_order(number: int, lines: Sequence[Row], **told: Any) -> Row:  # noqa: ANN401 - any field of the record
    """Spell an order; what it comes to follows from its lines, its shipping and its fees."""
    ordered_at = ORDERED_AT + timedelta(days=number % 300)
    parts = [*lines, *told.get("shipping_lines", ()), *told.get("fee_lines", ())]
    tax = sum((Decimal(part.get("total_tax") or "0") for part in parts), Decimal(0))
    shipping = told.get("shipping_lines", ())
    totals = {
        "total": str(sum((Decimal(part["total"]) for part in parts), tax)),
        "total_tax": str(tax),
        "discount_total": str(sum((Decimal(one["subtotal"]) - Decimal(one["total"]) for one in lines), Decimal(0))),
        "shipping_total": str(sum((Decimal(part["total"]) for part in shipping), Decimal(0))),
    }
    email = told.pop("email", f"buyer{number}@example.com")
    return {
        "id": number,
        "status": "completed",
        "currency": "USD",
        "payment_method_title": "Card",
        "billing": {"first_name": "Ada", "last_name": f"Number {number}", "country": "US", "email": email},
        "date_created_gmt": ordered_at.isoformat(),
        "date_paid_gmt": ordered_at.isoformat(),
        "date_completed_gmt": ordered_at.isoformat(),
        "line_items": list(lines),
        **totals,
        **told,
    }


def tax_rows(*rates: tuple[int, str, bool]) -> list[Row]:
    """Spell the taxes of an order: number of the rate, per cent, whether it is charged on the others."""
    return [
        {"rate_id": number, "label": f"Tax {number}", "rate_percent": percent, "compound": is_compound}
        for number, percent, is_compound in rates
    ]


def shopify_line(price: str, quantity: int = 1, sku: str | None = SKU, **told: Any) -> SeedLine:  # noqa: ANN401
    """Spell a line; with a SKU that has one variant, it is a line of that product."""
    return SeedLine(f"Item {sku}", quantity, price, sku=sku, variant_sku=SKU if sku == SKU else None, **told)


def shopify_order(number: int, lines: Sequence[SeedLine], paid: str = "", **told: Any) -> SeedOrder:  # noqa: ANN401
    """Spell a paid order of a guest, named by its number."""
    order = SeedOrder(
        lines=lines,
        processed_at=ORDERED_AT + timedelta(days=number % 300),
        number=number,
        email=f"buyer{number}@example.com",
        transactions=(SeedTransaction(paid, gateway="Card"),) if paid else (),
        fulfillment_status="FULFILLED",
        billing={"first_name": "Ada", "last_name": f"Number {number}", "country": "US"},
    )
    return replace(order, **told)


def number_of(row: WorkRow) -> int:
    """Give the number of the order that a result is about."""
    return int(row.label.lstrip("#"))


async def results(desk: Desk, run: Run) -> dict[int, WorkRow]:
    """Give what became of each order, by its number."""
    return {number_of(row): row for row in await desk.rows(run)}


def codes(row: WorkRow) -> set[str]:
    """Give the codes of what an order's owner is warned of."""
    return {reason.code for reason in row.warnings}


async def missing_numbers(desk: Desk, source: str) -> set[int]:
    """Compare, and tell the numbers of the orders that the destination lacks."""
    run = await desk.compare(source)
    rows, _ = await desk.services.runs.differences(run.id, Group.ONLY_IN_SOURCE, limit=500)
    return {int(str(row["label"]).lstrip("#")) for row in rows}


def off_balance(run: Run) -> dict[str, dict[str, str]]:
    """Tell every figure of a run's reconciliation that is not the same on both sides, by currency."""
    return {
        line["currency"]: wrong
        for line in run.summary["reconciliation"]
        if (wrong := {name: text for name, text in line["difference"].items() if Decimal(text)})
    }


async def by_the_merchant(premises: Premises, mutation: str, record_id: str) -> None:
    """Change something in Shopify past our back."""
    keys = premises.stores.keys[0]
    async with httpx2.AsyncClient(headers={"X-Shopify-Access-Token": keys.shopify_token}) as client:
        reply = await client.post(
            f"{keys.shopify_base_url}/admin/api/2026-10/graphql.json",
            json={"query": mutation, "variables": {"id": record_id}},
        )
    assert "errors" not in reply.json(), "the store refused what the merchant did"
