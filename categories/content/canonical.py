"""Content as canonical text, and back: what an edition stores, and what its digest is of."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from .schema import STORED, Content
from .upgrades import upgraded


def as_json(model: BaseModel) -> dict[str, Any]:
    """Return a model as plain JSON values under the names of the format."""
    return model.model_dump(mode="json", by_alias=True)


def canonical(value: Any) -> str:
    """Write JSON in its one canonical form: sorted keys, no spaces, UTF-8 characters as they are, no floats."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dump(content: Content) -> str:
    """Return the canonical text of content: what an edition stores."""
    return canonical(as_json(content))


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=8)  # the present edition and a few days; a large one takes megabytes
def parse(text: str) -> Content:
    """Read canonical text back; older schemas are upgraded here.

    Raises ValueError, of which pydantic's ValidationError is one, when the text is not content.
    """
    if '"schema":1' not in text:
        return Content.model_validate_json(text, strict=True, context=STORED)
    data, made_up = upgraded(json.loads(text))
    return Content.model_validate_json(json.dumps(data), strict=True, context=STORED).with_made_up(made_up)
