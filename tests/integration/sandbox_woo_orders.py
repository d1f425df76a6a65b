"""What the tests of orders in the WooCommerce sandbox share: a shop with products, a tax, a coupon and a buyer."""

from typing import Any

import httpx2

from tests.integration.sandbox_woo_shop import Shop

PRODUCTS = (
    {"id": 10, "name": "Mug", "sku": "MUG-1", "price": "10", "manage_stock": True, "stock_quantity": 45},
    {"id": 11, "name": "Tee", "sku": "TEE", "type": "variable", "price": "20", "variations": [12, 13]},
    {"id": 14, "name": "Song", "sku": "SONG", "price": "3", "virtual": True, "downloadable": True},
)
VARIATIONS = tuple(
    {
        "id": number,
        "parent_id": 11,
        "name": size,
        "sku": f"TEE-{size}",
        "price": "20",
        "manage_stock": True,
        "stock_quantity": 50,
        "attributes": [{"id": 0, "name": "Size", "slug": "size", "option": size}],
    }
    for number, size in ((12, "S"), (13, "M"))
)
BUYER = 50182
ADA = {
    "first_name": "Ada",
    "last_name": "Example",
    "address_1": "1 Test St",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "email": "ada@example.com",
    "phone": "+49 30 000",
}
MUG = {"product_id": 10, "quantity": 2}


class OrderShop(Shop):
    """A shop with three products and one buyer, and a German tax of 19 %."""

    def __init__(self, *, hpos: bool = True, taxed: bool = False, timezone: str = "Europe/Istanbul") -> None:
        super().__init__(timezone=timezone)
        self.store.modes.hpos = hpos
        self.store.load_customers([{"id": BUYER, "email": "buyer@example.com", "username": "buyer"}])
        self.store.load_products(PRODUCTS)
        self.store.load_variations(VARIATIONS)
        self.store.add_coupon("TEN", "percent", "10")
        self.store.add_coupon("FIVE", "fixed_cart", "5")
        if taxed:
            self.store.add_tax_rate("DE", "19")

    async def order(self, **fields: object) -> dict[str, Any]:
        """Create an order and return it."""
        reply = await self.call("POST", "orders", fields)
        assert reply.status_code == 201, reply.text
        return reply.json()

    async def put(self, order_id: int, **fields: object) -> dict[str, Any]:
        """Change an order and return it."""
        reply = await self.call("PUT", f"orders/{order_id}", fields)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def get(self, order_id: int) -> dict[str, Any]:
        return (await self.call("GET", f"orders/{order_id}")).json()

    async def batch_orders(self, **lists: object) -> dict[str, Any]:
        reply = await self.call("POST", "orders/batch", lists)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def refund(self, order_id: int, **fields: object) -> httpx2.Response:
        return await self.call("POST", f"orders/{order_id}/refunds", fields)

    async def notes(self, order_id: int) -> list[str]:
        return [note["note"] for note in (await self.call("GET", f"orders/{order_id}/notes")).json()]

    async def listed(self, **params: str | int) -> list[int]:
        reply = await self.call("GET", "orders", **params)
        assert reply.status_code == 200, reply.text
        return [order["id"] for order in reply.json()]

    async def stock(self, product_id: int = 10) -> int:
        return (await self.call("GET", f"products/{product_id}")).json()["stock_quantity"]

    def state(self, name: str) -> object:
        return self.store.state()[name]


def meta(**rows: object) -> list[dict[str, object]]:
    """Return rows of meta for a body."""
    return [{"key": key, "value": value} for key, value in rows.items()]
