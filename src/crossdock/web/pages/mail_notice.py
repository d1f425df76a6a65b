"""What pages say while a store's mail to customers is switched off for the time of the writes.

Owns these sentences. It must not know how a mail is switched off, nor when it is given back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.bootstrap import Services
from crossdock.connectors.contract import Mute
from crossdock.state import Run, RunType
from crossdock.web.pages.run_words import moment

_MAILS = {"email_customer_new_account/enabled": "new-account mail"}
"""What a setting is called by people who know the shop's own pages."""

_AT_THE_END = "It is given back by itself once the last run that writes there has ended."
_LEFT_OVER = (
    "No run needs that any longer, and it is given back by itself, tried again every few minutes. "
    "The command “crossdock mute restore” does it now, and says what is in the way."
)


@dataclass(frozen=True, slots=True)
class MailNotice:
    """One mail that is switched off: which, since when, and how it comes back."""

    title: str
    text: str


async def mail_notices(services: Services) -> Sequence[MailNotice]:
    """Say which mails are switched off now, in any store; a mail that the shop itself had off is none of them."""
    return [_notice_of(mute) for mute in await _changed(services)]


async def mail_notices_of(services: Services, run: Run) -> Sequence[MailNotice]:
    """Say which mails are switched off in the store that a sync writes to; nothing for a run that creates nobody."""
    if run.type is not RunType.SYNC or run.is_preview:
        return []
    return [_notice_of(mute) for mute in await _changed(services) if mute.store_key == run.destination_store]


async def _changed(services: Services) -> Sequence[Mute]:
    return [mute for mute in await services.mutes.status() if mute.original_value != mute.muted_value]


def _notice_of(mute: Mute) -> MailNotice:
    mail = _MAILS.get(mute.setting, mute.setting)
    since = f"Switched off since {moment(mute.since)} UTC, so that nobody who is migrated gets a mail."
    return MailNotice(
        f"The {mail} of {mute.store_key} is held back", f"{since} {_AT_THE_END if mute.holders else _LEFT_OVER}"
    )
