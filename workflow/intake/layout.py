"""OFD: programs and documents that hide in it, and the text of its pages."""

import zipfile
from typing import IO

import ofdkit
import olefile
from defusedxml.ElementTree import fromstring

from workflow.filetypes import EXPANDS

from . import found
from .found import Text, refuse

MOST_PAGES = 20
MOST_PART = 32 * 1024 * 1024
HIDING = (*found.PROGRAMS, b"PK\x03\x04", olefile.MAGIC)


def examine(file: IO[bytes], text: Text) -> None:
    """Adds its lines to `text`; raises Unacceptable where something hides in it."""
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as part:
                start = part.read(8)
            if start.startswith(HIDING):
                refuse(found.ATTACHED)
            if entry.filename.lower().endswith(".xml"):
                if entry.file_size > MOST_PART:
                    refuse(EXPANDS)
                _read_part(archive.read(entry), text, is_head=entry.filename.lower().endswith("ofd.xml"))
    _read_pages(file, text)


def _read_part(content: bytes, text: Text, *, is_head: bool) -> None:
    """Texts of a part by themselves: properties, and what no page shows."""
    try:
        root = fromstring(content)
    except Exception:  # noqa: BLE001 - in an encoding that expat does not know, or no XML
        return
    for element in root.iter():
        pieces = [child.text or "" for child in element if child.tag.endswith("TextCode")]
        if pieces:
            text.body.append("".join(pieces))
        elif is_head and element.text:
            text.head += [element.text, f"{element.get('Name', '')}：{element.text}"]


def _read_pages(file: IO[bytes], text: Text) -> None:
    file.seek(0)
    try:
        pages = [page.text().splitlines() for page in ofdkit.open(file).pages[:MOST_PAGES]]
    except Exception:  # noqa: BLE001 - its parts were read above
        return
    for lines in pages:
        text.begin_with(lines[:2] if text.body and lines is not pages[0] else lines)
        text.body += lines
