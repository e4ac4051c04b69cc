"""Every link of a content, with the record and the field in which it stands. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from . import markdown
from .fields import label
from .rules import MARKDOWN_FIELDS, MARKDOWN_OF_GUIDANCE
from .schema import Content
from .vocabulary import RecordKind

MARKDOWN = {*MARKDOWN_OF_GUIDANCE, *(field for fields in MARKDOWN_FIELDS.values() for field in fields)}


@dataclass(frozen=True, slots=True)
class LinkIn:
    """A link, and where it stands: the record, by kind, id and title, and the label of its field."""

    address: str
    kind: RecordKind
    id: UUID
    title: str
    label: str


def links(content: Content) -> Iterator[LinkIn]:
    """Yield each link of a content, in the order of its records."""
    for entry in content.entries.values():
        for field, value in entry.value.items():
            match field:
                case "url" if value:
                    found = [value]
                case "links":
                    found = [link["url"] for link in value]
                case _ if field in MARKDOWN and value:
                    found = markdown.addresses(value)
                case _:
                    continue
            yield from (LinkIn(one, entry.kind, entry.id, entry.title, label(field, entry.kind)) for one in found)
