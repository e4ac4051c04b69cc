"""The OpenAPI description, laid out for people to read. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...content.words import joined

Described = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a value in words. `shape` names the shape that it has, between the words, where it is one of ours."""

    before: str
    shape: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of a shape."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers with: its status, the words for it, and its shape."""

    status: str
    words: str
    media_type: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to ask for."""

    path: str
    summary: str
    meaning: str
    parameters: list[Member]
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object, or a value from a list."""

    name: str
    meaning: str
    members: list[Member]
    values: list[str]


def operations(description: Described) -> list[Operation]:
    """Return everything to ask for, in the order in which the API defines it."""
    return [
        Operation(
            path=path,
            summary=operation["summary"],
            meaning=operation.get("description", ""),
            parameters=[_member(one["name"], one["schema"]) for one in operation["parameters"]],
            answers=[_answer(str(status), answer) for status, answer in sorted(operation["responses"].items())],
        )
        for path, methods in description["paths"].items()
        for operation in methods.values()
    ]


def shapes(description: Described) -> list[Shape]:
    """Return every shape that an answer can have or hold, by name."""
    return [
        Shape(name, one.get("description", ""), _members(one), [str(value) for value in one.get("enum", [])])
        for name, one in sorted(description["components"]["schemas"].items())
        if name in _reached(description)
    ]


def _reached(description: Described) -> set[str]:
    """Return the names of the shapes that answers lead to: parameters have no shape of their own."""
    schemas = description["components"]["schemas"]
    waiting = [ref for path in description["paths"].values() for op in path.values() for ref in _refs(op["responses"])]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _refs(schemas[name])
    return reached


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "$ref" in value:
            yield _name(value["$ref"])
        for item in value.values():
            yield from _refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _refs(item)


def _name(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]


def _members(schema: Described) -> list[Member]:
    return [_member(name, one) for name, one in schema.get("properties", {}).items()]


def _member(name: str, schema: Described) -> Member:
    return Member(name, _kind(schema), schema.get("description", ""))


def _answer(status: str, answer: Described) -> Answer:
    for media_type, content in answer.get("content", {}).items():
        return Answer(status, answer["description"], media_type, _kind(content["schema"]))
    return Answer(status, answer["description"], "", None)


PLAIN = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
    "object": "an object",
}
FORMATS = {
    "date": "a day, YYYY-MM-DD",
    "date-time": "a moment in UTC",
    "uri": "a web address",
    "uuid": "a UUID",
}


def _kind(schema: Described) -> Kind:
    """Say what kind of value a schema describes."""
    if "$ref" in schema:
        return Kind("", _name(schema["$ref"]))
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "anyOf" in schema:
        first, *others = [_kind(one) for one in schema["anyOf"]]
        return Kind(first.before, first.shape, first.after + "".join(f" or {other.before}" for other in others))
    if "const" in schema:
        return Kind(f"always “{schema['const']}”")
    if "enum" in schema:
        return Kind(joined((f"“{value}”" for value in schema["enum"]), "or"))
    if schema.get("type") == "array":
        item = _kind(schema["items"])
        return Kind(f"list of: {item.before}", item.shape, item.after)
    if "type" not in schema:
        return Kind("any JSON value")
    words: str = FORMATS.get(schema.get("format", "")) or PLAIN.get(schema["type"]) or schema["type"]
    return Kind(words)
