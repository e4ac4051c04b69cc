"""The documents say what is true: every setting, command and room is named."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = README + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))


def test_every_setting_is_in_the_table():
    code = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    code += (ROOT / "config/gunicorn.py").read_text(encoding="utf-8")
    settings = set(re.findall(r'(?:flag|number|environ\.get|getenv)\(\s*"([A-Z_]+)"', code))
    assert {"SECRET_KEY", "DEBUG", "PORT"} <= settings
    table = README.split("## Settings")[1]
    assert {name for name in settings if f"`{name}`" not in table} == set()


def test_every_command_is_documented():
    commands = (path.stem for path in (ROOT / "categories/management/commands").glob("[a-z]*.py"))
    assert {name for name in commands if name not in DOCS} == set()


def test_every_make_target_is_explained():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    targets = {match[1] for line in lines if (match := re.match(r"^([a-z]+):(?!=)", line))}
    assert {"run", "test", "lint", "check", "help"} <= targets
    explained = {match[1] for line in lines if (match := re.match(r"^([a-z]+):.*## ", line))}
    assert targets == explained


def test_every_room_is_in_the_tour():
    rooms = {path.stem for path in (ROOT / "categories").glob("*.py")} - {"__init__", "apps", "urls"}
    small = {"checks", "converters", "guidance_urls", "markdown", "notices", "glossary", "site"}
    assert {room for room in rooms - small if f"{room}.py" not in README} == set()


def test_links_between_documents_work():
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "fixtures/README.md"]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert "://" in link or (path.parent / link).exists(), f"{path.name}: {link}"
