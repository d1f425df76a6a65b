"""Own the accounts of one store and the indexes over them: by id, by e-mail, by user name, in listing order.

Knows no rule about who may change what, and no HTTP. Two accounts may hold one e-mail: WordPress's guard is a check
before the insert, not a constraint (reference §3.2 and appendix).
"""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from crossdock.sandbox.woocommerce.account import Account

_SortKey = Callable[[Account], tuple[object, ...]]
_ORDERS: dict[str, _SortKey] = {
    "id": lambda account: (account.id,),
    "include": lambda account: (account.id,),
    "name": lambda account: (account.display_name.casefold(),),
    "registered_date": lambda account: (account.registered_at,),
}


class AccountDirectory:
    """All accounts of a store."""

    def __init__(self) -> None:
        self._by_id: dict[int, Account] = {}
        self._by_email: dict[str, list[int]] = {}
        self._by_username: dict[str, int] = {}
        self._listings: dict[tuple[str, str, bool], list[Account]] = {}
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_id.values())

    def next_id(self) -> int:
        """Return the id that the next account gets; ids are never used twice."""
        return self._last_id + 1

    def get(self, account_id: int) -> Account | None:
        """Return the account of an id, or None."""
        return self._by_id.get(account_id)

    def by_email(self, email: str) -> list[Account]:
        """Return the accounts of an e-mail in any case, lowest id first."""
        return [self._by_id[account_id] for account_id in self._by_email.get(email.lower(), ())]

    def has_username(self, username: str) -> bool:
        """Tell whether a user name is taken, in any case."""
        return username.lower() in self._by_username

    def add(self, account: Account) -> None:
        """Take an account in."""
        self._by_id[account.id] = account
        self._by_username.setdefault(account.username.lower(), account.id)
        if account.email:
            self._by_email.setdefault(account.email.lower(), []).append(account.id)
        self._last_id = max(self._last_id, account.id)
        self._listings.clear()

    def change_email(self, account: Account, email: str) -> None:
        """Give an account another e-mail, or none."""
        self._forget_email(account)
        account.email = email
        if email:
            self._by_email.setdefault(email.lower(), []).append(account.id)
        self._listings.clear()

    def touch(self) -> None:
        """Drop kept listings after a field they sort by has changed."""
        self._listings.clear()

    def remove(self, account: Account) -> None:
        """Delete an account."""
        del self._by_id[account.id]
        self._forget_email(account)
        if self._by_username.get(account.username.lower()) == account.id:
            del self._by_username[account.username.lower()]
        self._listings.clear()

    def listing(self, role: str, orderby: str, *, descending: bool) -> list[Account]:
        """Return the accounts of a role (`all` for every one) in order; kept until an account changes."""
        key = (role, orderby, descending)
        if key not in self._listings:
            chosen = [account for account in self._by_id.values() if role in ("all", account.role)]
            chosen.sort(key=_ORDERS[orderby], reverse=descending)
            self._listings[key] = chosen
        return self._listings[key]

    def repeated_emails(self, made: AbstractSet[int]) -> dict[str, int]:
        """Return each e-mail that several accounts hold, at least one of them among `made`, with their number."""
        return {email: len(ids) for email, ids in self._by_email.items() if len(ids) > 1 and not made.isdisjoint(ids)}

    def clear(self) -> None:
        """Delete every account."""
        for index in (self._by_id, self._by_email, self._by_username, self._listings):
            index.clear()
        self._last_id = 0

    def _forget_email(self, account: Account) -> None:
        ids = self._by_email.get(account.email.lower(), [])
        if account.id in ids:
            ids.remove(account.id)
        if not ids:
            self._by_email.pop(account.email.lower(), None)
