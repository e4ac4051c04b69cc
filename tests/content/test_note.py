"""Signed notes, checked by the form that C2SP gives them and not by the code that makes them."""

import hashlib
from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from categories.content.note import Signer, Verifier, signed

TEXT = "This is an example message.\n"


def check(note: str, public: str) -> None:
    """Raise where no line under a note is a signature of its text by a key."""
    text, _, lines = note.rpartition("\n\n")
    name, identity, key = public.split("+", 2)
    key_bytes = b64decode(key)
    assert key_bytes[:1] == b"\x01"
    assert hashlib.sha256(name.encode() + b"\n" + key_bytes).hexdigest()[:8] == identity
    [line] = [line for line in lines.splitlines() if line.startswith(f"— {name} ")]
    signature = b64decode(line.removeprefix(f"— {name} "))
    assert signature[:4].hex() == identity
    Ed25519PublicKey.from_public_bytes(key_bytes[1:]).verify(signature[4:], f"{text}\n".encode())


def test_a_note_holds_and_another_text_does_not() -> None:
    signer = Signer.made("example.org")
    note = signed(TEXT, [signer])
    check(note, str(signer.public))
    with pytest.raises(InvalidSignature):
        check(note.replace("example message", "examplE message"), str(signer.public))
    with pytest.raises(AssertionError):
        check(note, str(Signer.made("example.org").public))


def test_two_keys_sign_while_one_follows_the_other() -> None:
    old, new = Signer.made("old.example.org"), Signer.made("new.example.org")
    note = signed(TEXT, [new, old])
    for signer in (old, new):
        check(note, str(signer.public))


def test_without_a_key_it_says_so() -> None:
    assert signed(TEXT, []) == f"{TEXT}\nunsigned: this site has no signing key\n"


def test_keys_are_read_as_they_are_written() -> None:
    signer = Signer.made("example.org")
    assert str(Signer.read(str(signer))) == str(signer)
    assert str(Verifier.read(str(signer.public))) == str(signer.public)


@given(place=st.integers(min_value=0, max_value=110), other=st.characters(codec="ascii"))
def test_a_damaged_key_is_refused(place: int, other: str) -> None:
    whole = str(KEY)
    if place >= len(whole) or whole[place] == other:
        return
    with pytest.raises(ValueError):
        Signer.read(f"{whole[:place]}{other}{whole[place + 1 :]}")


KEY = Signer.made("example.org")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb"])
def test_a_name_that_no_note_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a key"):
        Signer.made(name)
