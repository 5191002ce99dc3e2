"""What is installed: pinned, hashed, from no named host, and never older than the last version known to be sound.

No scanner can reach a vulnerability database on a closed network, where it would pass by looking at nothing: the floors
stand here, and a package that must not come back is named.
"""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))

FLOORS = {
    "django": "5.2.19",  # memory use of base64 multipart; 5.2.18: formset forgery
    "django-axes": "8.3.1",
    "django-csp": "4.0",
    "django-fsm-2": "4.2.4",
    "django-guardian": "3.5.2",
    "django-import-export": "4.4.3",
    "django-otp": "1.7.5",
    "gunicorn": "27.0.1",  # request smuggling before 22, control socket can be switched off
    "openpyxl": "3.1.5",
    "defusedxml": "0.7.1",  # openpyxl uses it where it is installed
    "psycopg": "3.3",
    "pypdf": "7.1",  # bounds what compressed streams unpack to
    "whitenoise": "6.12.0",  # leaks of files before
}
BANNED = {
    "django-fsm": "installs over django-fsm-2 under the same module name",
    "psycopg2": "psycopg 3 is the driver",
}


def pins(lock):
    """{name: (version, how many hashes)} of a lock."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE))
    found = {}
    for entry in filter(None, entries):
        name, pinned = re.match(r"([a-z0-9-]+)==([^ ;\\]+)", entry).groups()
        found[name] = (pinned, entry.count("--hash=sha256:"))
    return found


def test_floors_are_met_in_the_lock_and_in_what_runs():
    locked = pins(ROOT / "requirements.txt")
    for name, floor in FLOORS.items():
        assert Version(locked[name][0]) >= Version(floor), name
        assert version(name) == locked[name][0], f"{name}: installed is not what is locked"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_are_pinned_and_hashed_and_name_no_host(lock):
    locked = pins(lock)
    assert locked
    assert not BANNED.keys() & locked.keys()
    assert [name for name, (_, hashes) in locked.items() if not hashes] == []
    assert "://" not in lock.read_text()


def test_front_end_lock_is_hashed_and_names_no_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {path: package for path, package in packages.items() if path}
    assert installed
    for path, package in installed.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path
