"""The first lines of a document, as far as they can be read: where official papers bear their marks."""

import re
import zipfile
from typing import IO

from pypdf import PdfReader

MOST_READ = 256 * 1024
MOST_LINES = 8
# By the true extension, .wps, .et and .dps being either family: the part with the first words.
PARTS = ("word/document.xml", "xl/sharedStrings.xml", "ppt/slides/slide1.xml")
_PARAGRAPH = re.compile(r"</(?:\w+:)?(?:p|si)>")
_RUN = re.compile(r"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)<")


def first_lines(extension: str, file: IO[bytes]) -> list[str]:
    """Of a file that was found sound; none where its text cannot be read."""
    file.seek(0)
    try:
        if extension == "pdf":
            lines = _pdf_lines(file)
        elif zipfile.is_zipfile(file):
            lines = _office_lines(file)
        else:
            lines = []
    except Exception:  # noqa: BLE001 - whatever an odd font or part leads to: no text is no mark
        lines = []
    finally:
        file.seek(0)
    return [line for line in (line.strip() for line in lines) if line][:MOST_LINES]


def _pdf_lines(file: IO[bytes]) -> list[str]:
    reader = PdfReader(file)
    if reader.is_encrypted:
        reader.decrypt("")
    page = reader.pages[0]
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > MOST_READ:
        return []
    return page.extract_text().splitlines()


def _office_lines(file: IO[bytes]) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        for name in PARTS:
            if name in archive.namelist():
                with archive.open(name) as part:
                    text = part.read(MOST_READ).decode("utf-8", "ignore")
                return ["".join(_RUN.findall(paragraph)) for paragraph in _PARAGRAPH.split(text)]
    return []
