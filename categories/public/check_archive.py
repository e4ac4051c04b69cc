"""Check this archive of a public record, without the site that it is from. It needs Python 3.9 or later.

    python3 check.py                says whether the record is whole, and what its head is
    python3 check.py KEY            and that the head is signed by this public key (name+id+key); needs “cryptography”

Get the key from somewhere other than the archive. The digest of the head can also be held against one that you saved.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def checked_record(folder: Path) -> str:
    """Go through the editions in their order; return the digest of the last. Exits where something is not so."""
    previous, guidance, number = None, None, 0
    for number, edition in enumerate(sorted((folder / "editions").iterdir()), 1):
        text = (edition / "record.json").read_bytes()
        record = json.loads(text)
        content = (edition / "content.json").read_bytes()
        for what, is_so in {
            "its number is another": record["number"] == number,
            "its content has another digest": record["content_digest"] == sha256(content),
            "it does not follow the edition before it": record["previous_record_digest"] == previous,
            "it is of another guidance": guidance in (None, record["guidance"]),
        }.items():
            if not is_so:
                sys.exit(f"Edition {number}: {what}.")
        previous, guidance = sha256(text), record["guidance"]
    if previous is None:
        sys.exit("There is no edition.")
    return f"edition {number}\nsha256 {previous}"


def is_signed(note: str, key: str) -> bool:
    """Say whether a signed note (c2sp.org/signed-note) has a good signature by a key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    text, _, signatures = note.partition("\n\n")
    name, _, rest = key.partition("+")
    public = base64.b64decode(rest.partition("+")[2])[1:]
    for line in signatures.splitlines():
        if line.startswith(f"— {name} "):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(
                    base64.b64decode(line.rpartition(" ")[2])[4:], f"{text}\n".encode()
                )
            except InvalidSignature:
                continue
            return True
    return False


def main() -> None:
    head = checked_record(FOLDER)
    note = (FOLDER / "head.txt").read_text(encoding="utf-8")
    if f"\n{head}\n" not in note:
        sys.exit("The record is whole, but head.txt is of another.")
    for key in sys.argv[1:]:
        if not is_signed(note, key):
            sys.exit("The record is whole, but its head is not signed by this key.")
    print(f"The record is whole{', and its head is signed' if sys.argv[1:] else ''}. Its head:\n{head}")


if __name__ == "__main__":
    main()
