"""The key that seals originals which held personal data, and the sealing of one text with it.

The key is 32 bytes in the file privacy.key of the project, readable by its owner only, or in the environment as
TAMIZ_PRIVACY_KEY. It is made when it is first needed, and is never in the database, an export or a message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tamiz.errors import MissingExtra, SealedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["KEY_FILE", "KEY_VARIABLE", "Originals", "Vault"]

Originals = Literal["encrypt", "drop"]
KEY_FILE = "privacy.key"
KEY_VARIABLE = "TAMIZ_PRIVACY_KEY"
KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.1
OTHERS = 0o077


class Vault:
    """Seals what a project keeps of originals. `originals` is what [curation.privacy] says: "encrypt" or "drop"."""

    def __init__(self, folder: Path, originals: Originals = "encrypt") -> None:
        self.path = folder / KEY_FILE
        self.originals = originals

    def has_key(self) -> bool:
        """Whether there is a key at all; nothing is made to find out."""
        return bool(os.environ.get(KEY_VARIABLE)) or self.path.exists()

    def key_name(self) -> str:
        """The name of the key, which tells nothing of it; a new key is made where there is none."""
        return _name(self._key(make=True))

    def seal(self, values: Mapping[str, Any], bound_to: str) -> str:
        """The values as a sealed text that opens only with the key, and only as that of `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        text = json.dumps(values, ensure_ascii=False).encode()
        sealed = _cipher(self._key(make=True)).encrypt(nonce, text, bound_to.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, bound_to: str, key_name: str) -> dict[str, Any]:
        """What was sealed under the key of this name; SealedError says which key is missing."""
        from cryptography.exceptions import InvalidTag

        key = self._key(make=False)
        if _name(key) != key_name:
            raise SealedError(
                f"the original of {bound_to} was sealed with another key ({key_name}) than {self._place()} "
                f"({_name(key)}); put the right one there"
            )
        whole = base64.b64decode(sealed)
        try:
            text = _cipher(key).decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], bound_to.encode())
        except InvalidTag:
            raise SealedError(
                f"the sealed original of {bound_to} is damaged; restore the database from a backup"
            ) from None
        values: dict[str, Any] = json.loads(text)
        return values

    def _place(self) -> str:
        return KEY_VARIABLE if os.environ.get(KEY_VARIABLE) else str(self.path)

    def _key(self, *, make: bool) -> bytes:
        if given := os.environ.get(KEY_VARIABLE):
            return _decoded(given, KEY_VARIABLE)
        try:
            mode = self.path.stat().st_mode
            text = self.path.read_text(encoding="ascii")
        except FileNotFoundError:
            if make:
                return self._make()
            raise SealedError(
                f"{self.path} is missing, and originals are sealed with it. Put the file back where it was made, or "
                f"set {KEY_VARIABLE}; without the key nobody can read them again"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise SealedError(f"{self.path} cannot be read as a key ({error}); put the right file back") from None
        if mode & OTHERS:
            raise SealedError(f"{self.path} can be read by others than its owner. Run: chmod 600 {self.path}")
        return _decoded(text, str(self.path))

    def _make(self) -> bytes:
        """A new key, on the disk before anything is sealed with it. The first of two processes makes it for both."""
        key = os.urandom(KEY_BYTES)
        aside = self.path.with_name(f".writing-{os.getpid()}-{self.path.name}")  # see tamiz.files
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, base64.urlsafe_b64encode(key) + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(aside, self.path)
        except FileExistsError:
            return self._key(make=False)
        finally:
            aside.unlink()
        _sync_folder(self.path.parent)
        return key


def _decoded(text: str, place: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SealedError(f"{place} holds no key of {KEY_BYTES} bytes in base64; put the one of this project there")
    return key


def _name(key: bytes) -> str:
    return hashlib.sha256(b"tamiz privacy key:" + key).hexdigest()[:12]


def _cipher(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise MissingExtra("Keeping originals encrypted", "curate", "cryptography") from None
    return AESGCM(key)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
