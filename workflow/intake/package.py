"""Office documents since 2007: relationships, fields, embedded objects, and the text of every part."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import IO
from urllib.parse import unquote

import olefile
from defusedxml.ElementTree import XMLParser

from workflow.filetypes import EXPANDS, MACROS, MOST_XML, open_xml_runs

from . import found
from .fields import FieldCodes, words_of
from .found import Text, refuse

MOST_DEEP = 3  # a workbook in slides in a document
CHUNK = 256 * 1024
MOST_EMBEDDED = 64 * 1024 * 1024

# Relationships by the last word of their type: to what is opened with the document, and what only points there.
OBJECTS = {"oleobject", "activexcontrol", "control", "activexcontrolbinary", "afchunk", "subdocument", "frame"}
MACRO_PARTS = {"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet", "attachedtoolbars"}
# Where the target may be, when it is not in the file. A page pasted from the web leaves pictures there; workbooks ask
# before they read another; the template of another desk is looked for on the reader's own disk and not found.
ELSEWHERE = {
    "hyperlink": {"web", "mail", "disk", "share"},
    "image": {"web", "disk"}, "video": {"web", "disk"}, "audio": {"web", "disk"}, "media": {"web", "disk"},
    "externallinkpath": {"web", "disk", "share"}, "xlpathmissing": {"disk"}, "xlalternatestartup": {"disk"},
    "attachedtemplate": {"disk"}, "mailmergesource": {"disk"}, "mailmergeheadersource": {"disk"},
}  # fmt: skip
OUTSIDE_WORDS = {"attachedtemplate": "附加模板", "image": "图片", "hyperlink": "链接", "subdocument": "子文档"}
FETCHING = {"DDE", "DDEAUTO", "LINK", "INCLUDETEXT", "INCLUDE", "IMPORT", "DATABASE", "EMBED", "CONTROL"}

_LINES = {"p", "si", "is", "text"}  # in which text stands together
_TEXTS = {"t", "delText"}
_STARS = {"F0AB", "F0AA", "F0B6"}  # of Wingdings
_SHEET_CODES = re.compile(r'&(?:[LCRPNDTFAGBIUSEXYZ]|"[^"]*"|\d+)')
_CALLS = re.compile(r"\|[^!]{0,300}!|\bWEBSERVICE\s*\(", re.IGNORECASE)  # program|topic!item
_TOGETHER = re.compile(r"(?:header|footer)\d*\.xml$|^docprops/", re.IGNORECASE)


def examine(file: IO[bytes], text: Text, *, deep: int = 1) -> None:
    """Adds its lines to `text`; raises Unacceptable where it runs, fetches or hides something."""
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if open_xml_runs(archive):
            refuse(MACROS)
        for name in names:
            if name.lower().endswith(".rels"):
                _check_relationships(archive, name)
        for name in sorted(names, key=_reading_order):
            _examine_part(archive, name, text, deep)


def _reading_order(name: str) -> tuple[int, int, str]:
    """The first slide before the tenth, and what holds the text of the first page before everything else."""
    number = re.search(r"(\d+)\.xml$", name)
    first = name in ("word/document.xml", "xl/sharedStrings.xml") or name.startswith("ppt/slides/")
    return (0 if first else 1, int(number[1]) if number else 0, name)


def _check_relationships(archive: zipfile.ZipFile, name: str) -> None:
    def start(tag: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        target = attributes.get("Target", "")
        if kind in MACRO_PARTS:
            refuse(MACROS)
        if attributes.get("TargetMode", "").lower() != "external":
            if kind in OBJECTS - {"oleobject"}:
                refuse(found.EMBEDDED)
        elif place_of(target) not in ELSEWHERE.get(kind, ()):
            refuse(found.OUTSIDE.format(OUTSIDE_WORDS.get(kind, target[:60])))

    with archive.open(name) as part:
        _parse(part, start=start, most=MOST_XML)


def place_of(target: str) -> str:
    """web, mail, disk (the reader's own, or beside the file), share (of another machine), or the scheme."""
    target = unquote(target).strip().replace("\\", "/")
    scheme, colon, rest = target.partition(":")
    scheme = scheme.lower() if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) else ""
    if len(scheme) == 1:  # C:/…
        return "disk"
    if scheme in ("http", "https"):
        return "web"
    if scheme == "mailto":
        return "mail"
    if scheme == "file":
        return "disk" if re.match(r"/{0,3}(?:localhost/)?[A-Za-z]:", rest) or not rest.startswith("//") else "share"
    if scheme:
        return scheme
    return "share" if target.startswith("//") else "disk"


def _examine_part(archive: zipfile.ZipFile, name: str, text: Text, deep: int) -> None:
    lowered = name.lower()
    with archive.open(name) as part:
        head = part.read(8)
    if lowered.endswith(".rels") or not head:
        return
    if head.startswith(found.PROGRAMS):
        refuse(found.EMBEDDED)
    if head.startswith((b"PK\x03\x04", olefile.MAGIC)):
        if deep == MOST_DEEP or archive.getinfo(name).file_size > MOST_EMBEDDED:
            refuse(EXPANDS)
        content = BytesIO(archive.read(name))
        if head.startswith(b"PK"):
            examine(content, text, deep=deep + 1)
        else:
            from . import compound  # which may hold packages itself

            compound.examine_embedded(content, text, deep=deep + 1)
    elif lowered.endswith((".xml", ".vml")):
        lines = PartLines(name)
        with archive.open(name) as part:
            _parse(part, start=lines.start, data=lines.data, end=lines.end)
        if _TOGETHER.search(lowered):
            text.head += lines.lines
        elif lowered in ("word/document.xml", "xl/sharedstrings.xml", "ppt/slides/slide1.xml") and deep == 1:
            text.begin_with(lines.lines)
        else:
            text.body += lines.lines


def _parse(
    part: IO[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    data: Callable[[str], object] = len,
    end: Callable[[str], object] = len,
    most: int | None = None,
) -> None:
    """Calls these for each element as it passes, without its namespaces: nothing of it stays in memory."""

    class Target:
        def start(self, tag: str, attributes: dict[str, str]) -> None:
            start(_local(tag), {_local(name): value for name, value in attributes.items()})

        def end(self, tag: str) -> None:
            end(_local(tag))

        def data(self, text: str) -> None:
            data(text)

        def close(self) -> None:
            pass

    parser = XMLParser(target=Target(), forbid_dtd=True)
    size = 0
    while chunk := part.read(CHUNK):
        size += len(chunk)
        if most and size > most:
            refuse(EXPANDS)
        parser.feed(chunk)
    parser.close()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class PartLines:
    """The lines of one part, collected while its elements pass; raises Unacceptable at what runs or fetches."""

    def __init__(self, name: str) -> None:
        self.lines: list[str] = []
        self._is_properties = name.lower().startswith("docprops/")
        self._is_sheet = name.lower().startswith("xl/")
        self._open: list[list[str]] = [[]]  # the pieces of each line around
        self._text: list[str] = []  # of the element that is passing
        self._codes = FieldCodes()
        self._names: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text = []
        self._check(tag, attributes)
        if tag in _LINES:
            self._open.append([])
        elif tag == "sym" and attributes.get("char", "").upper() in _STARS:
            self._open[-1].append("★")
        elif tag == "textpath":
            self.lines.append(attributes.get("string", ""))
        elif tag in ("tab", "br", "cr"):
            self._open[-1].append("\n" if tag != "tab" else "\t")
        elif tag == "sheet":
            self.lines.append(attributes.get("name", ""))
        elif tag == "property":  # docProps/custom.xml: its name stands before its value
            self._names = [attributes.get("name", "")]

    def _check(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "fldChar":
            for code in self._codes.char(attributes.get("fldCharType", "")):
                check_field(code)
        elif tag == "fldSimple":
            check_field(attributes.get("instr", ""))
        elif tag in ("ddeLink", "oleLink"):
            refuse(found.DDE)
        elif tag in ("dbPr", "connection") and attributes.get("refreshOnLoad") in ("1", "true"):
            refuse(found.OUTSIDE.format("数据连接"))
        action = attributes.get("action", "")
        if action.startswith(("ppaction://program", "ppaction://macro", "ppaction://ole")):
            refuse(found.RUNS)

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        text, self._text = "".join(self._text), []
        if tag in _TEXTS:
            self._open[-1].append(text)
        elif tag in _LINES and len(self._open) > 1:
            self._flush()
        elif tag in ("instrText", "delInstrText"):
            for code in self._codes.text(text):
                check_field(code)
        elif tag == "f" and self._is_sheet:
            if _CALLS.search(text):
                refuse(found.DDE)
        elif tag in ("oddHeader", "evenHeader", "firstHeader", "oddFooter", "evenFooter", "firstFooter"):
            self.lines += _SHEET_CODES.sub("\n", text).splitlines()
        elif tag == "v" and not text.isascii():
            self.lines.append(text)
        elif self._is_properties and text.strip():
            self.lines += [text, "：".join([*self._names, text])]

    def _flush(self) -> None:
        line = "".join(self._open.pop())
        if line.strip():
            self.lines += line.splitlines()


def check_field(code: str) -> None:
    """Raises Unacceptable at a field that fetches, or whose name only comes about when it runs."""
    words = words_of(code)
    name = words[0].upper() if words else ""
    if name in FETCHING or name.startswith(FieldCodes.NESTED):
        refuse(found.DDE)
    if name == "INCLUDEPICTURE" and len(words) > 1 and place_of(words[1]) not in ("web", "disk"):
        refuse(found.OUTSIDE.format("图片"))
