"""Every setting: its variable, default and help.

Owns the environment: nothing else reads it. Only `bootstrap`, `web` and `cli` import this module; all others are handed
the values that they need.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from crossdock.domain.errors import ConfigurationError

PREFIX = "CROSSDOCK_"
# Renewed six times a lease, so that a lease has always time for a request, even when one renewal is late.
_LEASE_A_REQUEST = 4 / 3


def _default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("crossdock", appauthor=False))


class Settings(BaseModel):
    """The settings of one process. Each field's variable is `CROSSDOCK_` and its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default_factory=_default_data_dir, description="Folder of the database and the snapshots.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL URL; SQLite in the data directory without it.")
    secret_key: SecretStr | None = Field(None, description="Fernet key that encrypts credentials; else a file's.")

    host: str = Field("127.0.0.1", description="Address that the web application listens on.")
    port: int = Field(8484, ge=0, le=65535, description="Port that the web application listens on; 0 takes a free one.")
    allowed_hosts: tuple[str, ...] = Field((), description="Further names, by comma, that the Host header may hold.")
    password: SecretStr | None = Field(None, description="Password of the web application; needed beyond loopback.")
    api_token: SecretStr | None = Field(None, description="Bearer token of the JSON API.")

    woocommerce_url: str | None = Field(None, description="Address of the WooCommerce store.")
    woocommerce_key: SecretStr | None = Field(None, description="Consumer key, ck_….")
    woocommerce_secret: SecretStr | None = Field(None, description="Consumer secret, cs_….")
    woocommerce_ca_file: Path | None = Field(None, description="Certificates (PEM) that the store's TLS is checked by.")

    shopify_domain: str | None = Field(None, description="The store's myshopify.com name.")
    shopify_token: SecretStr | None = Field(None, description="Admin API access token, shpat_….")
    shopify_client_id: str | None = Field(None, description="Client id of a Dev Dashboard app.")
    shopify_client_secret: SecretStr | None = Field(None, description="Client secret of a Dev Dashboard app.")
    shopify_api_version: str = Field("2026-10", pattern=r"^\d{4}-\d{2}$", description="Admin API version.")
    shopify_base_url: str | None = Field(
        None,
        description="Address of a sandbox in place of the myshopify.com one; `{domain}` in it becomes its name.",
    )

    log_level: str = Field("WARNING", description="DEBUG, INFO, WARNING or ERROR.")
    memory_limit: str = Field("512MB", description="Memory that a comparison may take.")
    woocommerce_settle_seconds: float = Field(180, ge=0, description="How long a lost WooCommerce write may run on.")
    shopify_settle_seconds: float = Field(60, ge=0, description="How long a lost Shopify write may run on.")
    look_gap_seconds: float = Field(30, ge=0, description="Time between the two looks that prove a write lost.")
    mail_delay_seconds: float = Field(120, ge=0, description="How long shops may defer a mail after a write.")
    finish_delay_seconds: float = Field(120, ge=0, description="How long an order in WooCommerce waits to be finished.")
    request_seconds: float = Field(110, gt=0, description="Longest time that one write to a store may take.")
    lease_seconds: float = Field(
        180, validate_default=True, description="How long a worker holds a run without renewing."
    )
    runs_at_once: int = Field(4, ge=1, le=100, description="Runs that one `crossdock worker` works on side by side.")
    bulk_write_threshold: int = Field(2000, ge=1, description="Customers from which Shopify is written in bulk.")
    bulk_read_threshold: int = Field(5000, ge=1, description="Customers from which Shopify is read in bulk.")
    bulk_poll_seconds: float = Field(1, gt=0, description="First pause between looks at a bulk operation.")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("lease_seconds")
    @classmethod
    def _outlasts_requests(cls, value: float, info: ValidationInfo) -> float:
        least = info.data.get("request_seconds", 0.0) * _LEASE_A_REQUEST
        if value < least:
            raise ValueError(f"a lease outlasts each request, CROSSDOCK_REQUEST_SECONDS: at least {least:g}")
        return value

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Self:  # noqa: ANN401 - any field
        """Read the environment; `overrides` (from the command line) win, None overrides nothing.

        Raises:
            ConfigurationError: a variable's value is wrong; the message names the variable, never the value.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {
            name: environ[PREFIX + name.upper()]
            for name in cls.model_fields
            if environ.get(PREFIX + name.upper(), "") != ""
        }
        values.update({name: value for name, value in overrides.items() if value is not None})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False)[0]
            variable = PREFIX + str(first["loc"][0]).upper()
            raise ConfigurationError("setting_invalid", f"{variable} is wrong: {first['msg']}.") from None
