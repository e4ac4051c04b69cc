"""Makes contents out of other ones, for tests of the rooms that know no database."""

from collections.abc import Callable
from typing import Any

from categories.content.canonical import as_json
from categories.content.rules import read
from categories.content.schema import Content


def revised(
    content: Content, change: Callable[[dict[str, Any]], dict[str, Any]] = lambda one: {}, **fields: Any
) -> Content:
    """Replace fields of content, and of each category what `change` says of it; all as the values of the format."""
    data = as_json(content) | fields
    data["categories"] = [one | change(one) for one in data["categories"]]
    found, faults = read(data)
    assert found, faults
    return found
