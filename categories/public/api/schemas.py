"""The shapes that the API answers with and the parameters that it takes, in terms of the content format.

Names and docstrings stand in the OpenAPI description, so that users of the API see them.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from ...content import diff, filters
from ...content.schema import Category, Content, Line, Model, Slug, Step, Text
from ...content.vocabulary import UpdateType

Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, in hexadecimal digits")]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Record(Model):
    """What `record_digest` is the digest of, in canonical JSON: docs/proof.md is the recipe."""

    guidance: UUID
    number: int
    live_at: Moment
    made_at: Moment
    change_note: str
    update_type: UpdateType
    corrects: int | None = Field(description="The number of the edition whose mistake this one corrects")
    content_digest: Digest
    previous_record_digest: Digest | None


class PublishedEdition(Model):
    """One edition: its record, the digest that seals it, and where to read it."""

    record: Record
    record_digest: Digest
    url: Address
    content_url: Address = Field(description="The bytes that `content_digest` is of")
    changes_url: Address


class ListedGuidance(Model):
    """One guidance among all."""

    id: UUID
    slug: Slug
    title: Line
    summary: Text
    edition: PublishedEdition
    url: Address
    page: Address


class GuidanceList(Model):
    """Every guidance, in the order of the titles."""

    on: date
    guidance: list[ListedGuidance]


class PublishedGuidance(Model):
    """One guidance whole. `edition` is the head of its chain on that day; `content` can be loaded by another site."""

    on: date
    edition: PublishedEdition
    content: Content
    page: Address


class StoredContent(Model):
    """What one edition says, in the schema of the content format that it was published in."""

    model_config = ConfigDict(extra="allow")

    schema_number: int = Field(alias="schema")
    id: UUID


class CategoryOnDay(Category):
    """A category of the content format, with what can only be said of a day."""

    value_on: str = Field(
        alias="availability_on", description="The value of the `availability` filter that it has on the day `on`"
    )
    availability_next: Step | None = Field(description="The next step of `availability` whose month is still to come")
    url: Address
    page: Address


class CategoryList(Model):
    """The categories that match, in the order of the page. Withdrawn ones have an address but are in no list."""

    on: date
    edition: int
    count: int
    categories: list[CategoryOnDay]


class PublishedCategory(Model):
    """One category on a day."""

    on: date
    edition: int
    category: CategoryOnDay


class EditionList(Model):
    """Editions, newest first, a page at a time. `count` is how many there are, `head` the newest one's digest.

    `head_note` is the signed note over that head, as at `head_url`: docs/proof.md tells how to check it.
    """

    on: date
    count: int
    head: Digest
    head_note: Text
    head_url: Address
    editions: list[PublishedEdition]
    next: Address | None


class ChangeList(Model):
    """What changed from one edition to another. Against no edition (`from` is null) every record is added."""

    from_edition: int | None = Field(alias="from")
    to: int
    changes: list[diff.Change]


class Index(Model):
    """Where to begin."""

    guidance: Address
    openapi: Address
    documentation: Address


class ParameterFault(Model):
    """One parameter that cannot be taken as it was given."""

    parameter: str
    detail: str


class Problem(Model):
    """A fault, as RFC 9457 has it."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[ParameterFault] = []


AtMoment = Annotated[str | None, WithJsonSchema({"type": "string", "format": "date-time"})]
OnDay = Annotated[str | None, WithJsonSchema({"type": "string", "format": "date"})]


def _digits(written: object) -> object:
    """Take a number in plain digits alone, and an empty value for none. Python would take “1_0” and “1.0” too."""
    if not isinstance(written, str):
        return written
    if (text := written.strip()) and not (text.isascii() and text.isdecimal()):
        raise PydanticCustomError("digits", "Enter a whole number in digits")
    return text or None


EditionNumber = Annotated[int | None, BeforeValidator(_digits), WithJsonSchema({"type": "integer", "minimum": 1})]


class When(Model):
    """The day or the moment that a request is about; without either: now."""

    model_config = ConfigDict(extra="ignore")

    on: OnDay = Field(None, description="As it stood at the end of this day in London. Without it: now.")
    at: AtMoment = Field(
        None, description="As it stood at this moment, in UTC: YYYY-MM-DDTHH:MM:SSZ. Use it or `on`, not both."
    )


BEFORE = Query(None, ge=1, description="Only editions with lower numbers than this.")
FROM = Query(None, alias="from", ge=1, description="The edition to compare with. Without it: the one before.")
FILTERS: dict[str, Any] = {
    name: (list[str], Field([], description=f"{legend}. Repeat it to ask for any of several values."))
    for name, legend in filters.LEGENDS.items()
} | {
    filters.WORDS: (
        str,
        Field(
            "",
            description="Words that must all occur, with any English ending; in quotation marks, a phrase.",
        ),
    )
}
FilterParameters: Any = create_model("FilterParameters", **FILTERS)
