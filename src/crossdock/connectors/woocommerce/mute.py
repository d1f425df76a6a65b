"""The one mail that WooCommerce sends when a customer is created, kept silent while runs write.

Owns when the setting is changed and when it is put back; who holds it is remembered by the `MuteJournal`, committed
before the store is touched. Must not know customers.

Source: WooCommerce REST API v3, settings: `email_customer_new_account/enabled`. The value must be a string: any other
type switches the mail on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec

from crossdock.connectors.contract import Mute, MuteJournal
from crossdock.connectors.repeating import repeated
from crossdock.connectors.woocommerce.transport import WooTransport, decode
from crossdock.domain.errors import ConfigurationError, MissingScopeError, OutcomeUnknownError

SETTING = "email_customer_new_account/enabled"
MUTED = "no"
_PATH = f"settings/{SETTING}"
_ADVICE = (
    "The mail “New account” can't be switched off, so nothing was written: every customer would be mailed. Use a "
    "Read/Write key of an administrator, or switch the mail off yourself under WooCommerce > Settings > Emails."
)


_NOT_RESTORED = "The mail “New account” could not be switched on again. Do so under WooCommerce > Settings > Emails."
_NOT_MUTED = "mail_cannot_be_muted"
_REFUSALS = frozenset({_NOT_MUTED, "access_forbidden", "store_not_woocommerce"})
"""Codes by which a store that has just shown the setting says that this key may not change it."""


class _Setting(msgspec.Struct):
    value: object = None


class AccountMailMute:
    """Holds the new-account mail at “no” for runs, and restores it once none holds it.

    A shop may put mails off and ask only when it sends them: the setting is restored `delay_seconds` after the last
    write. A write without an answer, or of an earlier process, may take effect as late as `settle_seconds` from now.
    """

    def __init__(
        self,
        transport: WooTransport,
        journal: MuteJournal,
        *,
        delay_seconds: float,
        settle_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._transport = transport
        self._journal = journal
        self._delay_seconds = delay_seconds
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._sleep = sleep
        self._quiet_at = clock() + settle_seconds + delay_seconds
        self._lock = asyncio.Lock()

    def wrote(self, *, is_over: bool) -> None:
        """Take note that a customer may have been created just now; unless `is_over`, the store may be still at it."""
        settle = 0.0 if is_over else self._settle_seconds
        self._quiet_at = max(self._quiet_at, self._clock() + settle + self._delay_seconds)

    async def value(self) -> str | None:
        """Read the setting; None where the key may not see it or the shop has none.

        Raises:
            ConfigurationError, TransientError: as `Store` says.
        """
        try:
            reply = await self._transport.read(_PATH, accept=(HTTPStatus.NOT_FOUND,))
        except MissingScopeError:
            return None
        value = decode(reply, _Setting).value if reply.is_success else None
        return value if isinstance(value, str) else None

    async def hold(self, holder: str) -> None:
        """Enter `holder` and see to it that the mail is off; may be repeated.

        Raises:
            ConfigurationError: `mail_cannot_be_muted`, or why the store can't be written to at all; nothing was
                changed and `holder` is not entered.
            OutcomeUnknownError, TransientError: the setting may be changed; `holder` stays until it is released.
        """
        async with self._lock:
            value = await self.value()
            if value is None:
                raise ConfigurationError(_NOT_MUTED, _ADVICE)
            key = (await self._transport.index()).store_key
            row = await self._journal.join(key, SETTING, holder=holder, original_value=value, muted_value=MUTED)
            if value != MUTED and row.holders == (holder,):
                # The mail was on and nobody relied on its being off: nothing of ours can be on its way.
                self._quiet_at = self._clock()
            if value != MUTED:
                try:
                    await self._set(row.muted_value)
                except ConfigurationError as error:
                    await self._leave(key, holder)
                    raise _named(error, _NOT_MUTED, _ADVICE) from None

    async def release(self, holder: str) -> None:
        """Take `holder` out; the last one waits until put-off mails are gone and restores the setting."""
        key = (await self._transport.index()).store_key
        row = await self._journal.leave(key, SETTING, holder=holder)
        if row is None:
            return
        if row.original_value != row.muted_value:
            await self._wait_for_late_mails()
        async with self._lock:
            row = await self._journal.get(key, SETTING)
            if row is not None and not row.holders:
                await self._restore(row)

    async def _restore(self, row: Mute) -> None:
        is_ours = row.original_value != row.muted_value and await self.value() == row.muted_value
        if is_ours:
            try:
                await self._set(row.original_value)
            except ConfigurationError as error:
                raise _named(error, "mail_not_restored", _NOT_RESTORED) from None
        await self._journal.forget(row.store_key, row.setting)
        again = await self._journal.get(row.store_key, row.setting)
        if again is not None and again.holders:
            # Another process joined between our look and our change, and believes the mail to be off.
            await self._set(again.muted_value)

    async def _wait_for_late_mails(self) -> None:
        while (left := self._quiet_at - self._clock()) > 0:
            await self._sleep(left)

    async def _set(self, value: str) -> None:
        """Change the setting and read it back, again after trouble: its value is the only effect.

        Raises:
            ConfigurationError: nothing was changed, by a refusal or by a yes after which the value is the old one.
            OutcomeUnknownError: a change was sent and does not show; the journal's row must stay.
        """
        unsettled: OutcomeUnknownError | None = None

        async def attempt() -> None:
            nonlocal unsettled
            try:
                await self._transport.write("PUT", _PATH, {"value": value})
            except OutcomeUnknownError as error:
                unsettled = error
                # Reading settles what the reply left open, where it shows the new value.
                if await self.value() != value:
                    raise

        try:
            await repeated(attempt, sleep=self._sleep)
            await self._must_be(value)
        except ConfigurationError as error:
            if unsettled is not None:
                raise OutcomeUnknownError(error.code, error.message, error.detail) from None
            raise

    async def _must_be(self, value: str) -> None:
        if await self.value() != value:
            raise ConfigurationError(_NOT_MUTED, "The store says that it changed a setting, and keeps the old value.")

    async def _leave(self, key: str, holder: str) -> None:
        row = await self._journal.leave(key, SETTING, holder=holder)
        if row is not None:
            await self._journal.forget(key, SETTING)


def _named(error: ConfigurationError, code: str, text: str) -> ConfigurationError:
    """Give a refusal of this setting its own name; what else is in the way keeps its code and advice."""
    if isinstance(error, MissingScopeError) or error.code in _REFUSALS:
        return ConfigurationError(code, text, error.detail)
    return error
