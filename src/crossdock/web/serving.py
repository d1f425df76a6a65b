"""Running the web application: services opened, uvicorn started, both closed in order.

Owns the server and the refusal to listen where anybody could reach an application without a password.
"""

import asyncio
import gc
import socket
from collections.abc import Callable

import uvicorn

from crossdock.bootstrap import Duty, open_services
from crossdock.domain.errors import ConfigurationError
from crossdock.settings import Settings
from crossdock.web.app import create_app
from crossdock.web.safety import Policy, is_loopback

_GRACE_SECONDS = 2
"""How long open event streams may hold up the end of the process."""

Announce = Callable[[str], None]
"""Is told the application's address as soon as it takes connections."""


def refuse_open_address(settings: Settings) -> None:
    """Refuse to listen beyond this machine while nobody is asked for a password or token.

    Raises:
        ConfigurationError: `address_open`.
    """
    if not is_loopback(settings.host) and not Policy.of(settings).asks_for_credentials:
        raise ConfigurationError(
            "address_open",
            f"Listening on {settings.host} would open the application to everybody there. "
            "Set CROSSDOCK_PASSWORD or CROSSDOCK_API_TOKEN, or listen on 127.0.0.1.",
        )


def serve(settings: Settings, announce: Announce | None = None, *, has_worker: bool = True) -> None:
    """Serve until a signal ends it; without a worker, runs are left to `crossdock worker` processes.

    Raises:
        ConfigurationError: the address would be open to everybody, or is taken; or there is no PostgreSQL to share.
        StateError: what we remember can't be opened.
    """
    asyncio.run(_serve(settings, announce, Duty.EMBEDDED if has_worker else Duty.DESK))


async def _serve(settings: Settings, announce: Announce | None, duty: Duty) -> None:
    refuse_open_address(settings)
    async with open_services(settings, duty=duty) as services:
        config = uvicorn.Config(
            create_app(services),
            host=settings.host,
            port=settings.port,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            # Our own logging redacts what it writes; uvicorn's would write addresses with their queries.
            log_config=None,
            access_log=False,
            server_header=False,
        )
        # What is loaded by now stays: a collection that looked through it all would hold every request up for 0.1 s.
        gc.collect()
        gc.freeze()
        with _listen(settings) as listener:
            if announce is not None:
                announce(_address_of(listener))
            await uvicorn.Server(config).serve(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    """Take the address before the server starts, so that a taken one is our error and port 0 is known."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise ConfigurationError(
            "address_taken",
            f"Crossdock can't listen on port {settings.port} of {settings.host}: {error.strerror}. "
            "Choose another port or address.",
        ) from error
    # Connections inherit it. Else the second part of an answer waits 40 ms for the first to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
