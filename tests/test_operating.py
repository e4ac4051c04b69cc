"""The files that operators copy: units that systemd takes, commands that run, metrics and settings that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import load_command_class

from tests.stack import machine
from tests.test_docs import README, names, section

FILES = machine.FILES
UNITS = sorted([*FILES.glob("*.service"), *FILES.glob("*.timer")])
CORE = {"migrate"}


def filled(unit: Path, folder: Path) -> Path:
    """Copy a unit as it would stand on a machine where the code is this checkout."""
    name = unit.name.replace("@.", "@8001.") if unit.name == "guidance@.service" else unit.name
    copy = folder / name.replace("run@.", "run@check_editions.").replace("failed@.", "failed@x.service.")
    python = str(machine.ROOT / ".venv/bin/python")
    copy.write_text(
        unit.read_text().replace(f"{machine.HOME}/.venv/bin/python", python).replace(machine.HOME, str(machine.ROOT))
    )
    return copy


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine lacks systemd-analyze")
def test_systemd_takes_every_unit(tmp_path):
    copies = [str(filled(unit, tmp_path)) for unit in UNITS]
    found = subprocess.run(["systemd-analyze", "verify", *copies], capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert [line for line in found.stderr.splitlines() if "guidance" in line] == []
    assert len(copies) >= 9


@pytest.mark.parametrize("timer", [unit for unit in UNITS if unit.suffix == ".timer"], ids=lambda timer: timer.stem)
def test_every_timer_starts_a_command_that_there_is(timer):
    [(unit, command)] = re.findall(r"^Unit=(guidance-run@|guidance-)(.+)\.service$", timer.read_text(), re.MULTILINE)
    assert (FILES / (f"{unit}.service" if unit.endswith("@") else f"{unit}{command}.service")).exists()
    load_command_class("categories", command)


def test_the_command_of_the_site_is_gunicorns_and_takes_its_configuration(tmp_path):
    import os
    import sys

    command = machine.exec_start("guidance@.service")
    assert command[:3] == [sys.executable, "-m", "gunicorn"]
    environ = os.environ | machine.settings() | {"SECRET_KEY": "k" * 50, "DATABASE_URL": f"sqlite:///{tmp_path}/x"}
    found = subprocess.run([*command, "--check-config"], cwd=machine.ROOT, env=environ, capture_output=True, text=True)  # noqa: S603
    assert found.returncode == 0, found.stderr


def test_the_settings_to_copy_are_settings():
    assert machine.settings().keys() <= names(section(README, "Settings"))
    assert not machine.settings()["SECRET_KEY"], "everybody could know it"


def test_every_alert_is_explained_and_asks_for_a_metric_that_there_is():
    [group] = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"]
    page = (FILES / "alerts.md").read_text()
    served = set(re.findall(r"`(guidance_\w+)`", page))
    source = "".join(
        path.read_text()
        for path in (
            machine.ROOT / "config/metrics.py",
            *machine.ROOT.glob("categories/management/commands/serve_metrics.py"),
        )
    )
    written = set(re.findall(r'"(guidance_\w+)"', source))
    assert {re.sub("_total$", "", name) for name in served} == written
    asked = {name for rule in group["rules"] for name in re.findall(r"guidance_\w+", rule["expr"])}
    assert {re.sub("_bucket$", "", name) for name in asked} <= served
    assert [rule["alert"] for rule in group["rules"] if rule["alert"] not in page] == []


def test_every_file_is_named_on_the_page_beside_it():
    page = (FILES / "README.md").read_text()
    assert [path.name for path in FILES.iterdir() if path.name != "README.md" and f"]({path.name}" not in page] == []
