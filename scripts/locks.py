"""What the locks say is installed: of Python and of the front end."""

import base64
import json
import re
from typing import NamedTuple

from scripts.install import ROOT


class Pin(NamedTuple):
    version: str
    hashes: int  # how many files may be it


class Asset(NamedTuple):
    version: str
    sha512: str
    is_for_development: bool


def python_pins(part: str = "") -> dict[str, Pin]:
    """{name: Pin} of requirements{part}.txt."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / f"requirements{part}.txt").read_text(), flags=re.MULTILINE)
    found = {}
    for entry in filter(None, re.split(r"\n(?=\S)", text)):
        if not (pinned := re.match(r"([a-z0-9-]+)==([^ ;\\]+)", entry)):
            raise ValueError(entry)
        found[pinned[1]] = Pin(pinned[2], entry.count("--hash=sha256:"))
    return found


def front_end_pins() -> dict[str, Asset]:
    """{name: Asset} of package-lock.json; what lies inside another package has that before its name."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    found = {}
    for path, package in packages.items():
        if path:
            sha512 = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
            name = path.removeprefix("node_modules/").replace("/node_modules/", " > ")
            found[name] = Asset(package["version"], sha512, package.get("dev", False))
    return found
