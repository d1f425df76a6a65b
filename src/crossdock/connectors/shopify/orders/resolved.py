"""What a plan needs of the destination, as it is kept with a record.

Owns the form of a resolution as JSON. Pure. It must not know how its values are looked up.
"""

from typing import Final

import msgspec

from crossdock.domain.plan import Resolution

AS_ORDER: Final = "order"
AS_DRAFT: Final = "draft"


class Resolved(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """What was looked up and chosen for one order.

    `customer` is the destination's customer, `default_address` the address that was this customer's default before the
    run's first order. `variants` gives the variant of each SKU that exactly one has; `ambiguous` are SKUs that several
    have. `name` is what the order will be called. `is_number_taken`: another order has the name that it should have.
    """

    create_as: str = AS_DRAFT
    customer: str = ""
    default_address: str = ""
    variants: dict[str, str] = {}
    ambiguous: tuple[str, ...] = ()
    name: str = ""
    is_number_taken: bool = False

    @property
    def is_draft(self) -> bool:
        """Whether a draft is made instead of an order."""
        return self.create_as != AS_ORDER

    def to_json(self) -> Resolution:
        """Write the resolution; `createAs`, `customer` and `defaultAddress` are always there."""
        whole = {"createAs": self.create_as, "customer": self.customer, "defaultAddress": self.default_address}
        return {**whole, **msgspec.to_builtins(self)}


def resolved_of(resolution: Resolution | None) -> Resolved:
    """Read a resolution; None is what a record has for which nothing was looked up."""
    return msgspec.convert(resolution or {}, Resolved)
