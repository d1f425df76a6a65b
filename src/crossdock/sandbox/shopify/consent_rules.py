"""The rules of marketing consent, on creation and in the consent mutations. Must not know how a customer is stored.

Source: reference §3.4. A state that can't be set is a top-level error, not a user error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crossdock.sandbox.shopify.errors import ShopError
from crossdock.sandbox.shopify.records import Consent, UserError, Wire

_READ_ONLY: Final = frozenset({"NEVER_SUBSCRIBED", "NOT_SUBSCRIBED", "REDACTED", "INVALID"})


@dataclass(slots=True, frozen=True)
class Channel:
    """One way to market to a customer: its input field, its mutation, and what it needs."""

    field: str
    update_mutation: str
    needs: str
    missing: str


EMAIL: Final = Channel(
    "emailMarketingConsent",
    "customerEmailMarketingConsentUpdate",
    "email",
    "An email address is required to set the email marketing consent state.",
)
SMS: Final = Channel(
    "smsMarketingConsent",
    "customerSmsMarketingConsentUpdate",
    "phone",
    "A phone number is required to set the SMS consent state.",
)
WHATSAPP: Final = Channel(
    "whatsAppMarketingConsent",
    "customerWhatsAppMarketingConsentUpdate",
    "phone",
    "A phone number is required to set the WhatsApp consent state.",
)
CHANNELS: Final = (EMAIL, SMS, WHATSAPP)


def refuse_on_update(given: Mapping[str, Wire]) -> list[UserError]:
    """Refuse each consent in a customerUpdate, naming the mutation to use."""
    return [
        UserError(
            [channel.field], f"To update {channel.field}, please use the {channel.update_mutation} Mutation instead"
        )
        for channel in CHANNELS
        if given.get(channel.field) is not None
    ]


def missing_contact(given: Mapping[str, Wire], values: Mapping[str, Wire]) -> list[UserError]:
    """Refuse a consent on creation without the address or number that it is for."""
    return [
        UserError([channel.field], channel.missing, "INVALID")
        for channel in CHANNELS
        if given.get(channel.field) is not None and not values.get(channel.needs)
    ]


def refuse_read_only_state(given: Mapping[str, Wire] | None) -> None:
    """Stop a state that only the platform sets.

    Raises:
        ShopError: code INVALID, a top-level error.

    """
    state = (given or {}).get("marketingState") or (given or {}).get("state")
    if state in _READ_ONLY:
        raise ShopError(f"Cannot specify {state} as a marketing state input", "INVALID")


def build_consent(given: Mapping[str, Wire], now: datetime, *, is_sms: bool) -> Consent:
    """Build the consent of an input; without a date it is given now."""
    level = given.get("marketingOptInLevel") or "SINGLE_OPT_IN"
    return Consent(
        given["marketingState"], level, given.get("consentUpdatedAt") or now, collected_from="OTHER" if is_sms else None
    )


def check_update(given: Mapping[str, Wire], path: Sequence[str], now: datetime) -> list[UserError]:
    """List what is wrong with the consent of a consent mutation."""
    errors: list[UserError] = []
    level, state = given.get("marketingOptInLevel"), given["marketingState"]
    if state == "SUBSCRIBED" and level is None:
        errors.append(
            UserError([*path, "marketingOptInLevel"], "Marketing opt in level must exist", "MISSING_ARGUMENT")
        )
    if state == "PENDING" and level != "CONFIRMED_OPT_IN":
        message = "Marketing opt in level must be confirmed opt-in for pending consent state"
        errors.append(UserError([*path, "marketingOptInLevel"], message, "INVALID"))
    at = given.get("consentUpdatedAt")
    if at is not None and at > now:
        errors.append(UserError([*path, "consentUpdatedAt"], "Consent updated at must not be in the future", "INVALID"))
    return errors
