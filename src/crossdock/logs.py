"""Structured logs: where they go, which run and store they speak of, and what must never be in them.

Owns the set-up of structlog and of the standard library's logging beneath it, and the redaction of secrets and personal
data. Must not know what is logged: it judges by the look of names and values alone.
"""

import logging
import re
import sys
from collections.abc import Collection, Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO, cast

import structlog

REDACTED = "[redacted]"

_HANDLER_NAME = "crossdock"
# These announce every request with its address, which for WooCommerce carries the signature.
_TALKATIVE_LOGGERS = ("httpx2", "httpcore2")
_MAX_DEPTH = 8

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRET_WORDS = frozenset(
    {
        *("authorization", "cookie", "credential", "credentials", "hmac", "key", "keys", "nonce", "passphrase"),
        *("passwd", "password", "secret", "secrets", "signature", "token", "tokens"),
    }
)
_SECRET_PREFIXES = frozenset({"consumer", "oauth"})
_PERSONAL_WORDS = frozenset({"email", "emails", "mail", "phone", "phones"})
_PERSONAL_KEYS = frozenset(
    {
        *("first_name", "last_name", "full_name", "display_name", "username"),
        *("billing", "shipping", "addresses", "address_1", "address_2", "postcode", "zip"),
    }
)

# Quantifiers are bounded: text from a store is hostile and must not cost quadratic time.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^\s/@]{1,512}@"), f"{REDACTED}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?<![A-Za-z0-9])(?:(?:ck|cs)_[A-Za-z0-9]{4,}|shp[a-z]{2,4}_[A-Za-z0-9]{4,})"), REDACTED),
    (
        re.compile(
            r"(?i)((?<![\w-])(?:oauth_|consumer_)\w{1,40}[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
            r"|(?<![\w-])[\w-]{0,40}(?:token|secret|password|signature|hmac|credential|api_?key|authorization)"
            r"[\w-]{0,40}[\"']?\s{0,3}[:=]\s{0,3}[\"']?)[^\s\"'&,;<>}]+"
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"[^\s@<>\"'(),;:=&?/\\\[\]{}|]{1,256}(?:@|%40)[^\s@<>\"'(),;:=&?/\\\[\]{}|]{1,256}"), REDACTED),
    (re.compile(r"(?<![\w.])(?:\+|00)[1-9](?:[\s().-]{0,3}\d){6,14}(?!\d)"), REDACTED),
    (re.compile(r"(?<![\w./:-])(?:\(\d{2,5}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]?\d{3,4}(?!\.?\w|-)"), REDACTED),
)
# Control and direction characters could forge a second line or repaint a terminal.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROLS_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MANY_LINES = frozenset({"exception", "stack"})


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log record, ours and the libraries', to `stream` (standard error), redacted.

    A terminal gets readable lines, anything else one JSON object a line. A second call replaces the first. A server
    that brings a logging configuration of its own (uvicorn does) must be started without it.

    Raises `ValueError` for an unknown level.
    """
    target = sys.stderr if stream is None else stream
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"Unknown log level {level!r}: take one of DEBUG, INFO, WARNING, ERROR.")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            redact_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _install_handler(target, number, shared)


def _install_handler(stream: TextIO, level: int, shared: list[structlog.typing.Processor]) -> None:
    handler = logging.StreamHandler(stream)
    handler.set_name(_HANDLER_NAME)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact_event,
                _choose_renderer(stream),
            ],
        )
    )
    root = logging.getLogger()
    for old in [known for known in root.handlers if known.get_name() == _HANDLER_NAME]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _TALKATIVE_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _choose_renderer(stream: TextIO) -> structlog.typing.Processor:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


@contextmanager
def log_context(**fields: str) -> Generator[None]:
    """Put `fields` (`run_id`, `pair`, `store`, …) on every record logged inside, in tasks and worker threads too."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact a structlog event. It must stand after whatever turns exceptions into text."""
    for name, value in event.items():
        if name.startswith("_"):
            continue
        if name in _MANY_LINES and isinstance(value, str):
            event[name] = _CONTROLS_BUT_LINES.sub(_escape_control, redact_text(value))
        elif name != "exc_info":
            event[name] = _redact_field(name, value, 0)
    return event


def redact(value: object, depth: int = 0) -> object:
    """Return what may be logged of `value`: numbers as they are, text cleaned, containers part by part."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {_clean(str(name)): _redact_field(str(name), part, depth + 1) for name, part in items}
    if isinstance(value, bytes):
        return _clean(value.decode(errors="replace"))
    if isinstance(value, Collection) and not isinstance(value, str):
        return [redact(part, depth + 1) for part in cast("Collection[object]", value)]
    return _clean(f"{type(value).__name__}: {value}" if isinstance(value, BaseException) else str(value))


def _redact_field(name: str, value: object, depth: int) -> object:
    # That something is absent, or whether it is there, tells nothing and helps whoever looks for a fault.
    if is_sensitive_name(name) and not (value is None or isinstance(value, bool)):
        return REDACTED
    return redact(value, depth)


def redact_text(text: str) -> str:
    """Return `text` without what looks like a credential, an e-mail address or a phone number."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def is_sensitive_name(name: str) -> bool:
    """Tell whether a field of that name, in snake or camel case, holds a secret or personal data."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return False
    return (
        words[0] in _SECRET_PREFIXES
        or not _SECRET_WORDS.isdisjoint(words)
        or not _PERSONAL_WORDS.isdisjoint(words)
        or "_".join(words) in _PERSONAL_KEYS
    )


def _clean(text: str) -> str:
    return _CONTROLS.sub(_escape_control, redact_text(text))


def _escape_control(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()
