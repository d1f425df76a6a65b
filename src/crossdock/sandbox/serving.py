"""Own how a sandbox application is put on a port: an open socket first, since stores must know their own address.

Knows neither stores nor control routes. Forwarded headers are not trusted: a WooCommerce store judges http or https by
the connection itself (WooCommerce reference §1.2).
"""

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

_STOP_SECONDS = 5


def listen(port: int = 0, host: str = "127.0.0.1") -> socket.socket:
    """Return a socket that takes connections, answered once it is served; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket, scheme: str = "http") -> str:
    """Return the URL that a bound socket is reached at."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve an application on a bound socket until the process is told to stop; an interrupt ends it quietly."""
    with suppress(KeyboardInterrupt):
        _server(app).run(sockets=[listener])


@contextmanager
def serving(app: ASGIApp, listener: socket.socket, tls: ssl.SSLContext | None = None) -> Generator[None]:
    """Serve an application from a thread of its own for the length of a block, over https if a context is given."""
    server = _server(app, tls)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    server.has_started.wait()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class _Server(uvicorn.Server):
    """A server that tells when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell whoever waits."""
        await super().startup(sockets)
        self.has_started.set()


def _server(app: ASGIApp, tls: ssl.SSLContext | None = None) -> _Server:
    # A dropped connection is told to the server by an exception, which it would log with a traceback each time.
    config = uvicorn.Config(
        app,
        # The same loop wherever a faster one happens to be installed: stores must not behave otherwise in tests.
        loop="asyncio",
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    return _Server(config)
