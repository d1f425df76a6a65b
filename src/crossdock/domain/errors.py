"""Errors, grouped by what the caller does next.

Owns the error tree and its stable codes' shape. It must not know HTTP statuses, exit codes or how a message is shown:
`web/errors.py` and the command line translate.
"""


class CrossdockError(Exception):
    """An error with a stable `code`, a `message` for the merchant and a `detail` for the log.

    `message` is one or two plain sentences: what was wrong, where, and what to do. Neither `message` nor `detail` may
    hold a secret; `message` may quote a store's own words as text.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(code, message, detail)
        self.code = code
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class ConfigurationError(CrossdockError):
    """A person must change something before the same call can work."""


class AuthenticationError(ConfigurationError):
    """The store does not accept the credentials."""


class MissingScopeError(ConfigurationError):
    """The credentials are good but lack a permission."""


class TransientError(CrossdockError):
    """The same call may work later. For a write: the store is known not to have executed it."""


class RateLimitedError(TransientError):
    """The store asks to wait `retry_after` seconds (None: it did not say)."""

    def __init__(self, code: str, message: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code, message, detail)
        self.retry_after = retry_after


class StoreUnavailableError(TransientError):
    """The store can't be reached or is failing."""

    def __init__(self, code: str, message: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code, message, detail)
        self.retry_after = retry_after


class OutcomeUnknownError(CrossdockError):
    """A write may have happened: look before any second one."""


class RecordError(CrossdockError):
    """This record can't be moved; the run goes on. Nothing was written for it."""


class RecordRejectedError(RecordError):
    """The store refused the record."""


class RecordConflictError(RecordError):
    """The store already holds something that excludes this record."""


class UnmappableValueError(RecordError):
    """The destination has no way to hold a value that the record needs."""


class InvalidRequestError(CrossdockError):
    """The user's request is wrong: `field` names the offending part, `allowed` says what would be right."""

    def __init__(self, code: str, message: str, *, field: str, allowed: str = "") -> None:
        super().__init__(code, message)
        self.field = field
        self.allowed = allowed


class NotFoundError(CrossdockError):
    """Nothing has the name or id that the user gave."""


class StoreBusyError(CrossdockError):
    """Another run, `run_id`, holds a store that this one needs."""

    def __init__(self, message: str, *, run_id: str) -> None:
        super().__init__("store_busy", message)
        self.run_id = run_id


class LeaseLostError(CrossdockError):
    """Another worker took the run over: the holder must stop and write nothing more."""


class StateError(CrossdockError):
    """What we remember can't be read or written: disk, permissions, a damaged or foreign database."""


class UnsupportedOperationError(CrossdockError):
    """The platform has no such operation; a caller that asks ignored its `Capabilities`."""


class ContractViolationError(CrossdockError):
    """The platform answered in a shape that we don't know."""
