"""Signed notes in the form of C2SP (c2sp.org/signed-note): a text, and under it Ed25519 signatures of it."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
PRIVATE = "PRIVATE+KEY+"
UNSIGNED = "unsigned: this site has no signing key"


@dataclass(frozen=True)
class Signer:
    """A name and its private key. It is written as Go's `note` package does: PRIVATE+KEY+name+id+key."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def made(cls, name: str) -> "Signer":
        return cls(_named(name), Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, text: str) -> "Signer":
        """Raises ValueError where the text is no private key, or not whole."""
        if not text.startswith(PRIVATE):
            raise ValueError(f"a private key begins with {PRIVATE}")
        name, identity, seed = _parts(text.removeprefix(PRIVATE))
        found = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        if identity != found.public.id:
            raise ValueError("the key is not the one that its id is of")
        return found

    def __str__(self) -> str:
        key = b64encode(ED25519 + self.key.private_bytes_raw()).decode()
        return f"{PRIVATE}{self.name}+{self.public.id.hex()}+{key}"

    @property
    def public(self) -> "Verifier":
        return Verifier(self.name, self.key.public_key())

    def line(self, text: str) -> str:
        signature = self.public.id + self.key.sign(text.encode())
        return f"— {self.name} {b64encode(signature).decode()}\n"


@dataclass(frozen=True)
class Verifier:
    """A name and its public key, written name+id+key."""

    name: str
    key: Ed25519PublicKey

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """Raises ValueError where the text is no public key, or not whole."""
        name, identity, key = _parts(text)
        found = cls(name, Ed25519PublicKey.from_public_bytes(key))
        if identity != found.id:
            raise ValueError("the key is not the one that its id is of")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.key.public_bytes_raw()).decode()}"

    @property
    def id(self) -> bytes:
        return hashlib.sha256(f"{self.name}\n".encode() + ED25519 + self.key.public_bytes_raw()).digest()[:4]


def signed(text: str, signers: Iterable[Signer]) -> str:
    """Return a note: the text, which ends with a line end, and the signatures of it. Without a signer it says so."""
    lines = "".join(signer.line(text) for signer in signers)
    return f"{text}\n{lines or UNSIGNED}".rstrip("\n") + "\n"


def _named(name: str) -> str:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ValueError(f"“{name}” is no name of a key: give one without spaces and plus signs")
    return name


def _parts(text: str) -> tuple[str, bytes, bytes]:
    """Split name+id+key, where the key may have plus signs of its own."""
    name, _, rest = text.partition("+")
    identity, _, key = rest.partition("+")
    found = b64decode(key, validate=True)
    if found[:1] != ED25519 or len(found) != 33:
        raise ValueError("it is no Ed25519 key")
    return _named(name), bytes.fromhex(identity), found[1:]
