"""What is installed: pinned, hashed, from no named host, and never older than the last version known to be sound.

No scanner can reach a vulnerability database on a closed network, where it would pass by looking at nothing: the floors
stand in floors.toml, and a package that must not come back is named.
"""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from scripts.locks import front_end_pins, python_pins

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))

FLOORS = tomllib.loads((ROOT / "floors.toml").read_text())
BANNED = {
    "django-fsm": "installs over django-fsm-2 under the same module name",
    "psycopg2": "psycopg 3 is the driver",
}


def part_of(lock):
    return lock.stem.removeprefix("requirements")


@pytest.mark.parametrize("name", FLOORS["python"])
def test_no_lock_is_below_a_floor(name):
    floor, reason = FLOORS["python"][name]
    locked = [pins[name] for lock in LOCKS if name in (pins := python_pins(part_of(lock)))]
    assert reason
    assert locked, f"{name} is in no lock: its floor compares nothing"
    for pin in locked:
        assert Version(pin.version) >= Version(floor)
        assert version(name) == pin.version, "installed is not what is locked"


@pytest.mark.parametrize("name", FLOORS["front-end"])
def test_the_front_end_is_not_below_a_floor(name):
    floor, reason = FLOORS["front-end"][name]
    assert reason
    assert Version(front_end_pins()[name].version) >= Version(floor)


def test_there_are_floors():
    assert len(FLOORS["python"]) > 15
    assert FLOORS["front-end"]
    assert {"django", "gunicorn", "pillow", "pypdf", "psycopg"} <= FLOORS["python"].keys()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_are_pinned_and_hashed_and_name_no_host(lock):
    locked = python_pins(part_of(lock))
    assert locked
    assert not BANNED.keys() & locked.keys()
    assert [name for name, pin in locked.items() if not pin.hashes] == []
    assert "://" not in lock.read_text()


def test_front_end_lock_is_hashed_and_names_no_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {path: package for path, package in packages.items() if path}
    assert installed
    for path, package in installed.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path


def test_run_knows_every_command_that_it_lists():
    run = (ROOT / "run").read_text()
    listed = set(re.findall(r"^# \./run ([a-z-]+)|\| ([a-z-]+) FILE", run, re.MULTILINE))
    listed = {word for pair in listed for word in pair if word}
    [known] = re.findall(r"^    ([a-z| -]+)\) python3 -m scripts\.install", run, re.MULTILINE)
    assert {"test", "sbom", "update", "restore"} <= listed
    assert set(known.split(" | ")) == listed | {"serve"}


def list_of_parts(*words):
    done = subprocess.run([sys.executable, "-m", "scripts.sbom", *words], cwd=ROOT, capture_output=True, check=True)
    return done.stdout


def test_the_list_of_parts_names_what_is_locked_and_is_the_same_each_time(tmp_path):
    said = list_of_parts()
    list_of_parts(tmp_path / "sbom.json")
    assert (tmp_path / "sbom.json").read_bytes() == said
    listed = {component["purl"] for component in json.loads(said)["components"]}
    runs = {f"pkg:pypi/{name}@{pin.version}" for part in ("", "-s3") for name, pin in python_pins(part).items()}
    assert runs
    assert {purl for purl in listed if purl.startswith("pkg:pypi/")} == runs
    shown = {name for name, asset in front_end_pins().items() if not asset.is_for_development}
    assert "bootstrap" in shown
    assert len(listed) == len(runs) + len(shown)
