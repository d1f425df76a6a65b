"""What the jobs know of a platform: its name, what a connection to it consists of, and how one is opened.

Owns the description that the composition root fills in for each platform. It must not know a concrete platform.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crossdock.connectors.contract import Capabilities, Store


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to open a store. `settings` may be shown, `secrets` never; both are texts by field name."""

    settings: Mapping[str, str]
    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Credentials(settings={dict(self.settings)!r})"


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform as web, command line and jobs see it.

    `id_patterns` holds, by kind, the regular expression that a record's id matches wholly. `open` makes a connector
    without contacting the store.

    `open` raises `ConfigurationError` when a field is missing or malformed.
    """

    name: str
    title: str
    capabilities: Capabilities
    id_patterns: Mapping[str, str]
    settings_fields: tuple[str, ...]
    secret_fields: tuple[str, ...]
    open: Callable[[Credentials], Store]
