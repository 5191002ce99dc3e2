"""What Word documents and slides say: paragraphs and tables, without their looks.

Read by local names: python-docx passes over content controls and inserted text, and refuses the Strict form.
"""

import re
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring

MOST_XML = 24 * 1024 * 1024
MOST_BLOCKS, MOST_LETTERS = 3000, 200_000
MOST_ROWS, MOST_COLUMNS = 300, 30
CUT = "内容较长，只显示前面的部分，全文请下载查看。"
ONLY_TEXT = "只显示文字和表格，图片、批注、页眉页脚和版式请下载查看。"
_SLIDE = re.compile(r"ppt/slides/slide([0-9]{1,4})\.xml")
# Text that was taken out, or stands there a second time for older programs.
_LEFT_OUT = {"del", "moveFrom", "Fallback", "instrText", "delText"}
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t"}


def look(file: IO[bytes], extension: str, page: int, width: int) -> dict[str, Any]:
    with ZipFile(file) as archive:
        return _slide(archive, page) if extension == "pptx" else _document(archive)


def _document(archive: ZipFile) -> dict[str, Any]:
    body = _part(archive, "word/document.xml")
    return {"page": 1, "pages": 1} | _bounded(_blocks(body))


def _slide(archive: ZipFile, page: int) -> dict[str, Any]:
    found = sorted((int(match[1]), match[0]) for name in archive.namelist() if (match := _SLIDE.fullmatch(name)))
    page = max(1, min(page, len(found)))
    slide = _part(archive, found[page - 1][1])
    return {"page": page, "pages": len(found)} | _bounded(_blocks(slide))


def _part(archive: ZipFile, name: str) -> Element:
    with archive.open(name) as part:
        text = part.read(MOST_XML + 1)
    if len(text) > MOST_XML:
        raise MemoryError
    root: Element = fromstring(text)
    return root


def _bounded(blocks: Iterator[dict[str, Any]]) -> dict[str, Any]:
    kept: list[dict[str, Any]] = []
    letters = 0
    for block in blocks:
        letters += len(str(block))
        if len(kept) == MOST_BLOCKS or letters > MOST_LETTERS:
            return {"blocks": kept, "notes": [ONLY_TEXT, CUT]}
        kept.append(block)
    return {"blocks": kept, "notes": [ONLY_TEXT]}


def _blocks(parent: Element) -> Iterator[dict[str, Any]]:
    for part in parent:
        name = _local(part)
        if name == "p":
            if text := "".join(_text(part)).strip("\n"):
                yield {"text": text}
        elif name == "tbl":
            rows = [
                ["".join(_text(cell)).strip("\n") for cell in list(_below(row, "tc"))[:MOST_COLUMNS]]
                for row in list(_below(part, "tr"))[:MOST_ROWS]
            ]
            yield {"table": rows}
        elif name not in _LEFT_OUT:
            yield from _blocks(part)


def _below(parent: Element, name: str) -> Iterator[Element]:
    """Rows of a table, or cells of a row, also those in content controls; not those of tables inside."""
    for part in parent:
        if _local(part) == name:
            yield part
        elif _local(part) in {"sdt", "sdtContent", "ins", "smartTag"}:
            yield from _below(part, name)


def _text(parent: Element) -> Iterator[str]:
    for part in parent:
        name = _local(part)
        if name == "t":
            yield part.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name not in _LEFT_OUT:
            yield from _text(part)
            if name == "p":
                yield "\n"


def _local(part: Element) -> str:
    return part.tag.rpartition("}")[2]
