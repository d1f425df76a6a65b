"""Secrets at rest: a box that only the holder of the key can open.

Owns the key and where it lies. It must not know what is put into the box, and never shows it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from cryptography.fernet import Fernet, InvalidToken

from crossdock.domain.errors import StateError
from crossdock.state.data_directory import read_or_create

_FILE_NAME = "secret.key"


class SecretBox:
    """Encrypts JSON objects with Fernet (AES-128-CBC and HMAC-SHA256), the key of which never leaves it."""

    def __init__(self, fernet: Fernet) -> None:
        self._fernet = fernet

    @classmethod
    def open(cls, data_dir: Path, key: str | None = None) -> Self:
        """Take the given key, or the one in the file `secret.key`, made at the first time for its owner alone.

        Raises:
            StateError: `secret_key_invalid`, or the file can't be read or made.
        """
        raw = key.strip().encode() if key else read_or_create(data_dir / _FILE_NAME, Fernet.generate_key()).strip()
        try:
            return cls(Fernet(raw))
        except ValueError:
            raise StateError(
                "secret_key_invalid",
                "The secret key must be 32 bytes in URL-safe base64, 44 characters in all.",
            ) from None

    def encrypt(self, values: Mapping[str, Any]) -> str:
        """Seal a JSON object."""
        return self._fernet.encrypt(json.dumps(dict(values)).encode()).decode("ascii")

    def decrypt(self, sealed: str) -> dict[str, Any]:
        """Open what `encrypt` sealed.

        Raises:
            StateError: `secret_key_wrong`, it was sealed with another key or was changed.
        """
        try:
            return json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise StateError(
                "secret_key_wrong",
                "The saved credentials were encrypted with another key. Bring back the former secret.key "
                "(or the former key's variable), or connect the stores again.",
            ) from None

    def __repr__(self) -> str:
        return "SecretBox()"
