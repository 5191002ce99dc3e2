"""Pages of OFD: words where they stand, and pictures; lines, seals and fonts are left to the download."""

import posixpath
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any
from xml.etree.ElementTree import Element

import ofdkit
from ofdkit.errors import OFDError
from ofdkit.package import Package
from PIL import UnidentifiedImageError

from .pictures import opened, shown

MOST_RUNS, MOST_PICTURES = 5000, 10
NOTE = "按原文位置显示文字和图片；线条、印章和原有字体请下载查看。"


def look(file: IO[bytes], extension: str, page: int, width: int) -> dict[str, Any]:
    document = ofdkit.open(file)
    page = max(1, min(page, len(document.pages)))
    drawn = document.pages[page - 1]
    left, top, wide, high = drawn.box
    drawing = {
        "box": f"{left:g} {top:g} {wide:g} {high:g}",
        "pictures": list(_pictures(Package(file), drawn.location, width)),
        "runs": [
            {"x": f"{run.x:g}", "y": f"{run.y:g}", "size": f"{run.size:g}", "wide": f"{run.width:g}", "text": run.text}
            for run in drawn.runs[:MOST_RUNS]
            if run.text.strip() and run.width > 0
        ],
    }
    return {
        "page": page,
        "pages": len(document.pages),
        "blocks": [{"drawing": drawing}],
        "text": drawn.text(),
        "notes": [NOTE],
    }


def _pictures(package: Package, location: str | None, width: int) -> Iterator[dict[str, Any]]:
    """Those on the page that are PNG or JPEG, each with its place."""
    if location is None:
        return
    media = dict(_media(package))
    placed = [part for part in package.read_xml(location).iter() if _local(part) == "ImageObject"]
    for part in placed[:MOST_PICTURES]:
        place = (part.get("Boundary") or "").split()
        name = media.get(part.get("ResourceID") or "")
        if name is None or len(place) != 4:
            continue
        try:
            picture = shown(opened(BytesIO(package.read(name)), width))["picture"]
        except (UnidentifiedImageError, OSError, OFDError):
            continue  # of another format
        x, y, wide, high = (f"{float(number):g}" for number in place)
        yield {"x": x, "y": y, "wide": wide, "high": high, "picture": picture}


def _media(package: Package) -> Iterator[tuple[str, str]]:
    """(ID, the part that it stands in) of all pictures that resources name."""
    for name in package.names:
        if not name.lower().endswith("res.xml"):
            continue
        resources = package.read_xml(name)
        folder = resources.get("BaseLoc") or ""
        for part in resources.iter():
            if _local(part) == "MultiMedia":
                named = next((child.text or "" for child in part if _local(child) == "MediaFile"), "")
                if found := package.resolve(name, posixpath.join(folder, named.strip())):
                    yield part.get("ID") or "", found


def _local(part: Element) -> str:
    return part.tag.rpartition("}")[2]
