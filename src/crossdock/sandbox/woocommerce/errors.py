"""Own the error that any part of the store raises and the HTTP layer turns into WordPress's error body."""

from collections.abc import Mapping
from typing import Any


class RestError(Exception):
    """A refusal with WordPress's code, message and status; `data` carries what else its body holds."""

    def __init__(self, code: str, message: str, status: int = 400, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.data = dict(data or {})

    def body(self) -> dict[str, Any]:
        """Return the error as WordPress words it."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}


class FatalError(RestError):
    """A fatal error in PHP: it ends the whole request, and what was stored by then stays."""

    def __init__(self) -> None:
        super().__init__("internal_server_error", "<p>There has been a critical error on this website.</p>", 500)


def invalid_parameters(faults: Mapping[str, tuple[str, str]]) -> RestError:
    """Return the error of a request that breaks its schema; `faults` maps a parameter to its code and message."""
    details = {name: {"code": code, "message": message, "data": None} for name, (code, message) in faults.items()}
    params = {name: message for name, (_, message) in faults.items()}
    return RestError(
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(faults)}",
        data={"params": params, "details": details},
    )


def invalid_id(status: int) -> RestError:
    """Return the error for an unknown id: reading answers 404, changing and deleting 400 (§3.2)."""
    return RestError("woocommerce_rest_invalid_id", "Invalid resource ID.", status)


def no_route() -> RestError:
    """Return the error of an unknown route, which is also that of a method the route doesn't take."""
    return RestError("rest_no_route", "No route was found matching the URL and request method.", 404)
