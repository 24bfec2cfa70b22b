"""PINs: which are taken, and the salted slow hash that stands in the store for one."""

from __future__ import annotations

import hashlib
import secrets
import string
from base64 import b64decode, b64encode
from hmac import compare_digest
from typing import get_args
from unicodedata import normalize

from tamiz.errors import InputError
from tamiz.people import Role, name_key

__all__ = ["NOT_TAKEN", "NotTaken", "check_pin", "hash_of_nobody", "hash_pin"]

SHORTEST_PIN, LONGEST_PIN = 4, 200
COST = {"n": 2**15, "r": 8, "p": 3}  # OWASP's password storage cheat sheet, a choice that takes 32 MB
MOST_MEMORY = 2**27
RUNS = (string.digits * 2, string.digits[::-1] * 2, string.ascii_lowercase, "qwertzuiop", "qwertyuiop", "asdfghjkl")
OBVIOUS = {"admin", "tamiz", "passwort", "password", "contraseña", "clave", "secret", "secreto", "letmein", "pass"}

NOT_TAKEN = {
    "pin_length": f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} characters; give a longer one",
    "pin_easy": "this PIN is one of the first that anybody would try; give another one",
    "pin_old": "the PIN of until now is not right; nothing was changed",
    "no_way_in": "give a PIN, or an e-mail address that the identity provider vouches for; one of them is needed",
    "name_taken": "somebody has this name already; choose another one",
    "nobody": "nobody of this project has this name; see who is there: tamiz people list",
    "subject": "give an e-mail address, or the id that the identity provider has for this person",
    "subject_taken": "the identity provider's address or id is somebody else's already; one person has one name",
    "role": f"this is no role; give one of {', '.join(get_args(Role))}",
}


class NotTaken(InputError):
    """What was given for a person cannot be used; `code` is its key in NOT_TAKEN, for a screen's own words."""

    def __init__(self, code: str) -> None:
        super().__init__(NOT_TAKEN[code])
        self.code = code


def hash_pin(pin: str, name: str) -> str:
    """The hash of a PIN that is not easily guessed: its parameters, salt and digest."""
    letters = pin.casefold()
    if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
        raise NotTaken("pin_length")
    too_easy = len(set(letters)) < 3 or letters in OBVIOUS or name_key(letters) == name_key(name)
    if too_easy or any(letters in run or letters in run[::-1] for run in RUNS) or _years(letters):
        raise NotTaken("pin_easy")
    salt = secrets.token_bytes(16)
    return _written(salt, _scrypt(pin, salt, **COST))


def check_pin(pin: str, kept: str) -> bool:
    """Whether this is the PIN that `kept` is the hash of."""
    method, cost, salt, digest = kept.split("$")
    if method != "scrypt":
        return False
    n, r, p = map(int, cost.split(","))
    return compare_digest(_scrypt(pin, b64decode(salt), n=n, r=r, p=p), b64decode(digest))


def hash_of_nobody() -> str:
    """Looks like the hash of a PIN, and takes as long to check, but no PIN has it."""
    return _written(secrets.token_bytes(16), secrets.token_bytes(32))


def _written(salt: bytes, digest: bytes) -> str:
    cost = ",".join(str(COST[name]) for name in ("n", "r", "p"))
    return f"scrypt${cost}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def _scrypt(pin: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    typed = normalize("NFC", pin).encode("utf-8", "replace")[: 4 * LONGEST_PIN]
    return hashlib.scrypt(typed, salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY, dklen=32)


def _years(pin: str) -> bool:
    return len(pin) == 4 and pin.isdecimal() and 1920 <= int(pin) <= 2035
