"""The imports run one way: what the public reads never touches the working copy, the history or publishing."""

import ast
from pathlib import Path

import pytest

ROOMS = Path(__file__).parent.parent / "categories"
STAFF = {"snapshot", "loading", "contributors", "publishing", "notices", "previews", "front_page", "apps", "checks"}
PUBLIC = sorted({path.stem for path in ROOMS.glob("*.py")} - STAFF - {"__init__"})  # a new room is public until named
PURE = ["content", "diff", "filters", "finder", "compare", "markdown", "vocabulary", "glossary"]
WORKING_COPY = {"Guidance", "Category", "ApprovalTest", "ExamplesList", "Level", "Cohort", "Submission", "User"}


def imports(path: Path) -> set[str]:
    """Every name that a room imports, as 'module' and 'module.name', relative ones from `categories`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = ".".join(filter(None, ["categories" if node.level else "", node.module]))
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("room", PUBLIC)
def test_public_rooms_never_import_the_working_copy(room):
    found = imports(ROOMS / f"{room}.py")
    forbidden = {f"categories.models.{name}" for name in WORKING_COPY} | {f"categories.{name}" for name in STAFF}
    forbidden |= {f"categories.models.{name}" for name in ("guidance", "history", "submission")} | {"categories.admin"}
    assert not found & forbidden
    assert not any(name.startswith("simple_history") for name in found)


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_know_no_database(room):
    found = imports(ROOMS / f"{room}.py") - {"django.db.models", "django.db.models.TextChoices"}
    assert not any(name.startswith(("django.db", "categories.models", "django.utils.timezone")) for name in found)


@pytest.mark.parametrize("room", ["models/guidance", "models/edition", "models/submission", "models/history"])
def test_models_import_no_room_above_them(room):
    allowed = {"content", "vocabulary", "markdown", "models"}
    names = {name.split(".")[1] for name in imports(ROOMS / f"{room}.py") if name.startswith("categories.")}
    own = {path.stem for path in ROOMS.glob("*.py")}
    assert names & own <= allowed


def test_publishing_knows_no_face():
    faces = {"pages", "api", "feeds", "admin", "updates", "reading", "front_page", "previews"}
    assert not imports(ROOMS / "publishing.py") & {f"categories.{name}" for name in faces}
