"""The imports run one way: what the public reads never touches the working copy, the history or publishing."""

import ast
from pathlib import Path

import pytest

ROOMS = Path(__file__).parent.parent / "categories"
PUBLIC = ["pages", "api", "feeds", "reading", "updates", "site", "guidance_urls"]
PURE = ["content", "diff", "filters", "finder", "compare", "markdown", "vocabulary", "glossary"]
WORKING_COPY = {"Guidance", "Category", "ApprovalTest", "ExamplesList", "Level", "Cohort", "Submission", "User"}


def imports(room: str) -> set[str]:
    """Every name that a room imports, as 'module' and 'module.name', relative ones from `categories`."""
    found = set()
    for node in ast.walk(ast.parse((ROOMS / f"{room}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = ".".join(filter(None, ["categories" if node.level else "", node.module]))
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def existing(rooms: list[str]) -> list[str]:
    return [room for room in rooms if (ROOMS / f"{room}.py").exists()]


@pytest.mark.parametrize("room", existing(PUBLIC))
def test_public_rooms_never_import_the_working_copy(room):
    forbidden = {f"categories.models.{name}" for name in WORKING_COPY}
    forbidden |= {
        f"categories.{name}" for name in ("snapshot", "publishing", "loading", "previews", "admin", "notices")
    }
    forbidden |= {"categories.models.guidance", "categories.models.history", "categories.models.submission"}
    assert not imports(room) & forbidden
    assert not any(name.startswith("simple_history") for name in imports(room))


@pytest.mark.parametrize("room", existing(PURE))
def test_pure_rooms_know_no_database(room):
    names = (
        imports(room) - {"django.db.models.TextChoices", "django.db.models"} if room == "vocabulary" else imports(room)
    )
    assert not any(name.startswith(("django.db", "categories.models", "django.utils.timezone")) for name in names)
