"""What a store and its key can do, tried one capability after the other.

Owns the findings' order and sentences. Must not change anything in the store: the write permission shows in an empty
batch, which is judged before its body is looked at.

Source: WooCommerce REST API v3, authentication, settings, system status, webhooks.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from crossdock.connectors.contract import Finding, FindingLevel
from crossdock.connectors.woocommerce.config import WooCommerceConfig
from crossdock.connectors.woocommerce.mute import MUTED, AccountMailMute
from crossdock.connectors.woocommerce.orders.shop import read_shop
from crossdock.connectors.woocommerce.transport import API_VERSION, SiteIndex, WooTransport, decode
from crossdock.domain.errors import ConfigurationError, CrossdockError, MissingScopeError
from crossdock.domain.money import exponent

PASS, WARNING, BLOCKER = FindingLevel.PASS, FindingLevel.WARNING, FindingLevel.BLOCKER
_PASSWORDS = "settings/account/woocommerce_registration_generate_password"
_TOPICS = ("customer.", "order.", "action.")
_TAXES = "settings/general/woocommerce_calc_taxes"
_ADMINISTRATOR = "Make the key for a user with the role Administrator."


class _Environment(msgspec.Struct):
    version: str = ""


class _ShopSettings(msgspec.Struct):
    currency: str = ""
    HPOS_enabled: bool = False
    number_of_decimals: int | str = 2


class _Status(msgspec.Struct):
    environment: _Environment = msgspec.field(default_factory=_Environment)
    settings: _ShopSettings = msgspec.field(default_factory=_ShopSettings)


class _Webhook(msgspec.Struct):
    name: str = ""
    topic: str = ""


class _Setting(msgspec.Struct):
    value: object = None


class StoreCheck:
    """Tries a store's capabilities; `permissions` send what needs the permission to create a kind, by its plural."""

    def __init__(
        self,
        config: WooCommerceConfig,
        transport: WooTransport,
        mute: AccountMailMute,
        permissions: Mapping[str, Callable[[], Awaitable[None]]],
    ) -> None:
        self._config = config
        self._transport = transport
        self._mute = mute
        self._permissions = permissions

    async def run(self) -> list[Finding]:
        """Try everything; what an unreachable store or a refused key makes pointless is left out."""
        try:
            index = await self._transport.index()
        except CrossdockError as error:
            return [_blocker("address", error)]
        findings = [*self._address(index)]
        try:
            findings.append(await self._credentials())
        except CrossdockError as error:
            return [*findings, _blocker("credentials", error)]
        for capability, attempt in (
            ("write", self._write),
            ("account_mail", self._account_mail),
            ("passwords", self._passwords),
            ("version", self._version),
            ("order_taxes", self._taxes),
            ("order_numbers", self._numbers),
            ("webhooks", self._webhooks),
        ):
            try:
                findings += [finding async for finding in attempt()]
            except CrossdockError as error:
                findings.append(Finding(capability, WARNING, f"Could not be looked at: {error.message}"))
        return findings

    def _address(self, index: SiteIndex) -> list[Finding]:
        findings = [Finding("address", PASS, f"WooCommerce ({API_VERSION}) answers; the shop is called {index.name}.")]
        findings.append(Finding("time_zone", PASS, f"Time zone {index.time_zone}."))
        if _host(index.home) != _host(self._config.url):
            text = f"The shop calls itself {index.home}, not {self._config.url}."
            findings.append(Finding("home", WARNING, text, "Enter the shop's own address if it is the same shop."))
        if not self._config.is_encrypted:
            text = "The store is asked over http: customers' data travels unencrypted."
            findings.append(Finding("encryption", WARNING, text, "Use https where the shop has a certificate."))
        return findings

    async def _credentials(self) -> Finding:
        reply = await self._transport.read("customers", {"role": "all", "per_page": 1, "_fields": "id,meta_data"})
        rows = decode(reply, list[dict[str, msgspec.Raw]])
        if rows and "meta_data" not in rows[0]:
            text = "The key works, but its user is no administrator: Crossdock's marks on customers can't be seen."
            return Finding("credentials", WARNING, text, _ADMINISTRATOR)
        return Finding("credentials", PASS, "The key works and sees customers with their marks.")

    async def _write(self) -> AsyncGenerator[Finding]:
        for kind, try_permission in self._permissions.items():
            capability = "write" if kind == "customers" else f"write_{kind}"
            try:
                await try_permission()
                yield Finding(capability, PASS, f"The key can create {kind}.")
            except MissingScopeError as error:
                text = f"The key can't create {kind}: this store can be a source of them, not a destination."
                yield Finding(capability, WARNING, text, error.message)

    async def _account_mail(self) -> AsyncGenerator[Finding]:
        value = await self._mute.value()
        if value is None:
            text = "The key can't switch off the mail “New account”: Crossdock will not create customers here."
            yield Finding("account_mail", WARNING, text, _ADMINISTRATOR)
        elif value == MUTED:
            yield Finding("account_mail", PASS, "The mail “New account” is off.")
        else:
            yield Finding("account_mail", PASS, "The mail “New account” can be silenced while customers are created.")

    async def _passwords(self) -> AsyncGenerator[Finding]:
        reply = await self._transport.read(_PASSWORDS, accept=(HTTPStatus.NOT_FOUND,))
        if reply.is_success and decode(reply, _Setting).value == "no":
            text = "The store asks for a password of every new customer, so that none can be created here."
            advice = "Switch on the set-password link under WooCommerce > Settings > Accounts & Privacy."
            yield Finding("passwords", WARNING, text, advice)

    async def _version(self) -> AsyncGenerator[Finding]:
        reply = await self._transport.read("system_status", {"_fields": "environment.version,settings"})
        status = decode(reply, _Status)
        yield Finding("version", PASS, f"WooCommerce {status.environment.version}.")
        yield Finding("currency", PASS, f"Currency {status.settings.currency}.")
        storage = "in tables of their own (HPOS)" if status.settings.HPOS_enabled else "as posts (legacy)"
        yield Finding("order_storage", PASS, f"Orders are kept {storage}.")
        decimals = int(status.settings.number_of_decimals)
        text = f"Totals are kept with {decimals} decimals; orders in currencies with more are not migrated to here."
        is_enough = decimals >= exponent(status.settings.currency)
        advice = "" if is_enough else "Raise them under WooCommerce > Settings > General."
        yield Finding("order_decimals", PASS if is_enough else WARNING, text, advice)

    async def _taxes(self) -> AsyncGenerator[Finding]:
        reply = await self._transport.read(_TAXES, accept=(HTTPStatus.NOT_FOUND,))
        text = (
            "Orders that are migrated to here hold their taxes as fee lines: WooCommerce's tax reports show 0 for them."
        )
        is_charging = reply.is_success and decode(reply, _Setting).value == "yes"
        yield Finding("order_taxes", PASS, text if is_charging else "The shop charges no taxes of its own.")

    async def _numbers(self) -> AsyncGenerator[Finding]:
        shop = await read_shop(self._transport)
        text = "A plugin numbers the orders; numbers of migrated ones are written where it keeps its own."
        without = "Orders have WooCommerce's own numbers; those of migrated orders are kept in their meta data."
        yield Finding("order_numbers", PASS, text if shop.number_key else without)

    async def _webhooks(self) -> AsyncGenerator[Finding]:
        reply = await self._transport.read("webhooks", {"status": "active", "per_page": 100})
        hooks = [hook.name or hook.topic for hook in decode(reply, list[_Webhook]) if hook.topic.startswith(_TOPICS)]
        if hooks:
            text = f"These webhooks react to customers or orders that are created: {', '.join(sorted(hooks))}."
            yield Finding("webhooks", WARNING, text, "Pause them first if what they call should not react.")
        else:
            yield Finding("webhooks", PASS, "No webhook reacts to customers or orders that are created.")


def _blocker(capability: str, error: CrossdockError) -> Finding:
    advice = "" if isinstance(error, ConfigurationError) else "Try again in a few minutes."
    return Finding(capability, BLOCKER, error.message, advice)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")
