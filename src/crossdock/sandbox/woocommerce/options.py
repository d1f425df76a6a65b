"""Own the settings that the REST API reads and changes, with the trap in how it stores what is no string.

Knows no route. The rules are those of reference §5.10 and its appendix.
"""

from collections.abc import Mapping
from typing import Any

from crossdock.sandbox.woocommerce.errors import RestError

_MAIL_SWITCHES = (
    "new_order",
    "cancelled_order",
    "failed_order",
    "customer_on_hold_order",
    "customer_processing_order",
    "customer_completed_order",
    "customer_refunded_order",
    "customer_note",
    "customer_reset_password",
    "customer_new_account",
)


class StoreOptions:
    """The settings of one store by group and id."""

    def __init__(self, *, currency: str, country: str) -> None:
        self._defaults: dict[str, dict[str, str]] = {
            "general": {
                "woocommerce_default_country": country,
                "woocommerce_currency": currency,
                "woocommerce_price_num_decimals": "2",
                "woocommerce_calc_taxes": "yes",
            },
            "products": {
                "woocommerce_manage_stock": "yes",
                "woocommerce_notify_low_stock": "yes",
                "woocommerce_notify_no_stock": "yes",
            },
            "tax": {"woocommerce_prices_include_tax": "no"},
            "account": {"woocommerce_registration_generate_password": "yes"},
            **{f"email_{name}": {"enabled": "yes"} for name in _MAIL_SWITCHES},
            "email_customer_invoice": {},
        }
        self._values: dict[tuple[str, str], Any] = {}

    def groups(self) -> list[str]:
        """Return the ids of all groups."""
        return list(self._defaults)

    def listing(self, group: str) -> list[dict[str, Any]]:
        """Return every setting of a group; raises RestError for an unknown one."""
        return [self.view(group, name) for name in self._group(group)]

    def view(self, group: str, name: str) -> dict[str, Any]:
        """Return one setting as the API shows it; raises RestError 404 for an unknown group or setting."""
        settings = self._group(group)
        if name not in settings:
            raise RestError("rest_setting_setting_invalid", "Invalid setting.", 404)
        default = settings[name]
        is_switch = default in ("yes", "no")
        return {
            "id": name,
            "label": "Enable/Disable" if name == "enabled" else name.replace("_", " ").capitalize(),
            "description": "",
            "type": "checkbox" if is_switch else "text",
            "default": default,
            "value": self._values.get((group, name), default),
            "group_id": group,
        }

    def change(self, group: str, name: str, value: object) -> dict[str, Any]:
        """Store a value and return what the API claims of it.

        A switch given anything empty falls back to its default, so `false` turns a mail **on** while the reply says
        `no`; `true` is stored as a boolean while the reply says `yes`.
        """
        view = self.view(group, name)
        if view["type"] != "checkbox":
            self._values[group, name] = "" if value is None else str(value)
            return self.view(group, name)
        if value in ("yes", "no"):
            self._values[group, name] = value
            return self.view(group, name)
        if value is True:
            self._values[group, name] = True
            return {**view, "value": "yes"}
        if not value or value == "0":
            self._values[group, name] = view["default"]
            return {**view, "value": "no" if value is False else view["default"]}
        raise RestError("rest_setting_value_invalid", "An invalid setting value was passed.")

    def has_mail(self, kind: str) -> bool:
        """Tell whether a mail's switch is on at this moment; only a plain `no` turns it off."""
        return self._values.get((f"email_{kind}", "enabled"), "yes") != "no"

    def currency(self) -> str:
        """Return the code of the currency that new orders are in."""
        return self.text("general", "woocommerce_currency")

    def decimals(self) -> int:
        """Return how many decimals the store's amounts are rounded to and shown with."""
        text = self.text("general", "woocommerce_price_num_decimals")
        return int(text) if text.isdigit() else 0

    def calculates_taxes(self) -> bool:
        """Tell whether the store computes taxes at all."""
        return self.text("general", "woocommerce_calc_taxes") == "yes"

    def prices_include_tax(self) -> bool:
        """Tell whether catalogue prices include the base country's tax."""
        return self.text("tax", "woocommerce_prices_include_tax") == "yes"

    def manages_stock(self) -> bool:
        """Tell whether the store counts stock at all."""
        return self.text("products", "woocommerce_manage_stock") == "yes"

    def text(self, group: str, name: str) -> str:
        """Return the present value of a setting as text."""
        return str(self._values.get((group, name), self._defaults[group][name]))

    def put(self, group: str, name: str, value: str) -> None:
        """Set a value as an owner does in the back office, so that it is no change of the API's."""
        self._defaults[group][name] = value

    def generates_passwords(self) -> bool:
        """Tell whether the store makes a password for an account that comes without one."""
        return self._values.get(("account", "woocommerce_registration_generate_password"), "yes") != "no"

    def changed(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults, by `group/id`."""
        return {
            f"{group}/{name}": value
            for (group, name), value in self._values.items()
            if value != self._defaults[group][name]
        }

    def reset(self) -> None:
        """Put every setting back to its default."""
        self._values.clear()

    def _group(self, group: str) -> Mapping[str, str]:
        if group not in self._defaults:
            raise RestError("rest_setting_setting_group_invalid", "Invalid setting group.", 404)
        return self._defaults[group]
