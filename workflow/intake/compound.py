"""Compound files: Office documents of before 2007, and objects of other programs inside any document."""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO

import olefile

from workflow.filetypes import EXPANDS, MACROS, MOST_STREAM, OLE_MACROS, PROTECTED

from . import found, package
from .found import Text, refuse

# An object is kept if what it holds is a document or a formula that we have looked into, and nothing else.
KNOWN = {"worddocument", "workbook", "book", "powerpoint document", "visiodocument", "equation native", "package"}
MARKS_OF_OBJECTS = {"\x01ole", "\x01compobj", "\x03objinfo", "\x01ole10native", "\x03ocxname", "\x03ocxdata"}
TEXT_STREAMS = {"worddocument", "workbook", "book", "powerpoint document"}
MOST_OBJECT = 64 * 1024 * 1024

_DDE = re.compile(rb"\x13[\s\x13]*\"?\s*(?:DDE(?:AUTO)?|QUOTE|LINK|INCLUDETEXT|DATABASE)\b", re.IGNORECASE)
_QUOTE = re.compile(rb"\x13\s*\"?\s*QUOTE", re.IGNORECASE)
# [MS-PPT] ExOleObjStg: version 0, instance 1 where it is compressed, type 0x1011, length; then the size unpacked.
_SLIDE_OBJECT = re.compile(rb"[\x00\x10]\x00\x11\x10(....)", re.DOTALL)
# [MS-PPT] InteractiveInfoAtom: its action is 1 for a macro and 2 for a program.
_SLIDE_ACTION = re.compile(rb"\x00\x00\xf3\x0f\x10\x00\x00\x00.{8}[\x01\x02]", re.DOTALL)
_SUPBOOK, _EOF = 0x1AE, 0x0A
# Anything but what is written in a line.
_BETWEEN = re.compile(r"[^\u4e00-\u9fff\u3000-\u3015\uff01-\uff5e\u2010-\u2027\u25a0-\u27bf\u00b7 -~\t]+")


def examine(file: IO[bytes], text: Text) -> None:
    """Adds the lines of a document to `text`; raises Unacceptable where it runs, fetches or hides something."""
    with olefile.OleFileIO(file) as ole:
        _examine(ole, text, deep=1)
        _describe(ole, text)


def examine_embedded(file: IO[bytes], text: Text, *, deep: int) -> None:
    """The same of an object in another document, which may be nothing but a document itself."""
    with olefile.OleFileIO(file) as ole:
        _examine(ole, text, deep=deep)
        if not {path[0].lower() for path in ole.listdir()} & KNOWN:
            refuse(found.EMBEDDED)


def _examine(ole: olefile.OleFileIO, text: Text, *, deep: int) -> None:
    folders: dict[tuple[str, ...], set[str]] = {}
    for path in ole.listdir():
        *folder, name = (part.lower() for part in path)
        folders.setdefault(tuple(folder), set()).add(name)
        if OLE_MACROS & {*folder, name}:
            refuse(MACROS)
        if name == "encryptedpackage":
            refuse(PROTECTED)
        if name == "\x01ole10native":
            refuse(found.EMBEDDED)
        if name in TEXT_STREAMS or name == "package":
            if ole.get_size(path) > MOST_STREAM or (name == "package" and deep == package.MOST_DEEP):
                refuse(EXPANDS)
            content = ole.openstream(path).read()
            if name == "package":
                package.examine(BytesIO(content), text, deep=deep + 1)
            else:
                _examine_stream(name, content, text, deep, is_main=len(path) == 1 and deep == 1)
    for place, names in folders.items():
        if place and names & MARKS_OF_OBJECTS and not names & KNOWN:
            refuse(found.EMBEDDED)


def _examine_stream(name: str, content: bytes, text: Text, deep: int, *, is_main: bool) -> None:
    if name == "worddocument":
        for codes in (content, content[::2], content[1::2]):
            if any(not _QUOTE.match(code[0]) for code in _DDE.finditer(codes)):
                refuse(found.DDE)
        if is_main:
            start = struct.unpack_from("<I", content, 24)[0] if len(content) > 28 else 0  # [MS-DOC] fcMin
            text.head += [line for line in _lines(content[start : start + 4096], "utf-16-le") if len(line) > 1][
                : found.MOST_HEAD
            ]
    elif name == "powerpoint document":
        if _SLIDE_ACTION.search(content):
            refuse(found.RUNS)
        for stored in _slide_objects(content):
            examine_embedded(BytesIO(stored), text, deep=deep + 1)
    else:
        _check_links(content)
    text.body += _lines(content, "utf-16-le")
    text.body += _lines(content[1:], "utf-16-le")
    text.body += _lines(content, "gb18030")


def _lines(content: bytes, encoding: str) -> Iterator[str]:
    """Whatever can be read as text, as old programs wrote it in one piece."""
    for line in _BETWEEN.split(content.decode(encoding, "replace")):
        if line.strip() and not line.isascii():
            yield line


def _slide_objects(content: bytes) -> Iterator[bytes]:
    for record in _SLIDE_OBJECT.finditer(content):
        length = int.from_bytes(record[1], "little")
        stored = content[record.end() : record.end() + length]
        if record[0][0] == 0x10:
            try:
                stored = zlib.decompressobj().decompress(stored[4:], MOST_OBJECT)
            except zlib.error:
                continue  # these bytes by chance
        if stored.startswith(olefile.MAGIC):
            yield stored


def _check_links(content: bytes) -> None:
    """Of a workbook: a SUPBOOK without sheets that names a program and a topic is a link by DDE or OLE."""
    at = 0
    while at + 4 <= len(content):
        record, length = struct.unpack_from("<HH", content, at)
        if record == _EOF:
            return
        if record == _SUPBOOK and length > 4:
            sheets, letters = struct.unpack_from("<HH", content, at + 4)
            if not sheets and letters not in (0x0401, 0x3A01) and b"\x03" in content[at + 8 : at + 4 + length]:
                refuse(found.DDE)
        at += 4 + length


def _describe(ole: olefile.OleFileIO, text: Text) -> None:
    """Title, subject, keywords and the like."""
    known = ole.get_metadata()
    encoding = "utf-8" if known.codepage == 65001 else "gb18030"
    for name in ("title", "subject", "keywords", "comments", "category", "manager", "company"):
        value = getattr(known, name)
        if isinstance(value, bytes):
            text.head.append(value.decode(encoding, "replace").strip("\0 "))
