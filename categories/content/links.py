"""Every link of a content, with the record and the field in which it stands. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from . import markdown
from .fields import label
from .rules import MARKDOWN_FIELDS, MARKDOWN_OF_GUIDANCE
from .schema import Content
from .vocabulary import RecordKind

MARKDOWN = {*MARKDOWN_OF_GUIDANCE, *(field for fields in MARKDOWN_FIELDS.values() for field in fields)}


@dataclass(frozen=True, slots=True)
class LinkIn:
    """A link, and where it stands: the record, by kind, id and title, and its field, with the label of that."""

    address: str
    kind: RecordKind
    id: UUID
    title: str
    field: str
    label: str


def links(content: Content) -> Iterator[LinkIn]:
    """Yield each link of a content, in the order of its records."""
    for entry in content.entries.values():
        for field, address in addresses(entry.value):
            yield LinkIn(address, entry.kind, entry.id, entry.title, field, label(field, entry.kind))


def addresses(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each address that a record names, with the field in which it stands.

    >>> list(addresses({"aim": "See [it](/x/).", "title": "[No](/y/)", "contact": {"url": "https://a.example"}}))
    [('aim', '/x/'), ('contact', 'https://a.example')]
    """
    for field, value in record.items():
        match field:
            case "url" | "contact_url" if value:  # as the content has it, or a row of the working copy
                yield field, value
            case "contact" if value and value["url"]:
                yield field, value["url"]
            case "links":
                yield from ((field, link["url"]) for link in value)
            case _ if field in MARKDOWN and value:
                yield from ((field, address) for address in markdown.addresses(value))


def is_of_the_web(address: str) -> bool:
    """Say whether an address is one of the web with a host: a path within the site, or a mail address, is not.

    >>> [is_of_the_web(one) for one in ("https://a.example/x", "/x/", "#aim", "mailto:a@b.example", "https://[")]
    [True, False, False, False, False]
    """
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
