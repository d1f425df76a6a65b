"""The payment terms that a shop offers. Must not know drafts or orders.

Source: reference §5: template 4 is net 30, and a draft with terms is completed unpaid.
"""

from collections.abc import Mapping
from typing import Final

from crossdock.sandbox.shopify.records import Wire, gid

_TEMPLATES: Final = (
    (1, "Due on receipt", "RECEIPT", None),
    (2, "Net 7", "NET", 7),
    (3, "Net 15", "NET", 15),
    (4, "Net 30", "NET", 30),
    (5, "Net 45", "NET", 45),
    (6, "Net 60", "NET", 60),
    (7, "Net 90", "NET", 90),
    (8, "Fixed", "FIXED", None),
    (9, "Due on fulfillment", "FULFILLMENT", None),
)


def list_templates(kind: str | None) -> list[Mapping[str, Wire]]:
    """List the templates, of one type where it is given."""
    return [
        {
            "id": gid("PaymentTermsTemplate", number),
            "name": name,
            "translatedName": name,
            "description": name,
            "paymentTermsType": its_kind,
            "dueInDays": days,
        }
        for number, name, its_kind, days in _TEMPLATES
        if kind in {None, its_kind}
    ]


def find_terms(number: int, template_id: str | None) -> Mapping[str, Wire] | None:
    """Build the terms of a template; None for an unknown one."""
    template = next((row for row in list_templates(None) if row["id"] == template_id), None)
    if template is None:
        return None
    return {
        "id": gid("PaymentTerms", number),
        "paymentTermsName": template["name"],
        "translatedName": template["name"],
        "paymentTermsType": template["paymentTermsType"],
        "dueInDays": template["dueInDays"],
        "overdue": False,
    }
