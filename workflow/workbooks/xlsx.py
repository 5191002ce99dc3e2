"""OOXML workbooks, Transitional and Strict, as Excel, WPS and LibreOffice write them: parsed as a stream.

Only what is read is looked at, by local names, so that another namespace, a misspelt style or an unknown font is
nobody's problem.
"""

import posixpath
import re
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring, iterparse

from .sheet import MOST_SHEETS, NO_SHEET, TOO_LARGE, TOO_MANY_SHEETS, Sheet, SheetBuilder, Unreadable
from .shown import BUILT_IN, CannotShow, number_shown, text_shown

MOST_CELLS = 150_000  # of a sheet, with the formatted empty ones
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_RESULT = "是公式，没有计算结果，请改为文字或数字。"


def read(data: bytes) -> list[Sheet]:
    with ZipFile(BytesIO(data)) as archive:
        return list(_Book(archive).sheets())


def local(name: str) -> str:
    return name.rpartition("}")[2]


def unescape(text: str) -> str:
    """_x000D_, which the format writes for what XML cannot hold; no database takes half of a pair (_xD83D_)."""
    text, found = _ESCAPE.subn(lambda match: chr(int(match[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if found else text


class _Book:
    def __init__(self, archive: ZipFile):
        self.archive = archive
        self.names = set(archive.namelist())
        self.path = next((path for kind, path in self._relations("").values() if kind == "officeDocument"), "")
        if self.path not in self.names:
            raise Unreadable(NO_SHEET)
        self.relations = self._relations(self.path)
        self.root = fromstring(archive.read(self.path))
        self.since_1904 = any(
            local(part.tag) == "workbookPr" and part.get("date1904") in {"1", "true"} for part in self.root.iter()
        )
        self.strings: list[str] = []
        self.formats: list[str] = []

    def sheets(self) -> Iterator[Sheet]:
        """Those that are not hidden, in their order."""
        listed = [part for part in self.root.iter() if local(part.tag) == "sheet"]
        views = [part for part in self.root.iter() if local(part.tag) == "workbookView"]
        active = views[0].get("activeTab", "0") if views else "0"
        visible = [
            (str(place) == active, part.get("name", ""), self._path_of(part))
            for place, part in enumerate(listed)
            if part.get("state", "visible") == "visible"
        ]
        found = [(is_active, name, path) for is_active, name, path in visible if path in self.names]
        if not found:
            raise Unreadable(NO_SHEET)
        if len(found) > MOST_SHEETS:
            raise Unreadable(TOO_MANY_SHEETS)
        self.strings = list(self._shared_strings())
        self.formats = list(self._cell_formats())
        for is_active, name, path in found:
            yield self._sheet(name, path, is_active=is_active)

    def _path_of(self, part):
        key = next((value for name, value in part.attrib.items() if local(name) == "id"), "")
        kind, path = self.relations.get(key, ("", ""))
        return path if kind == "worksheet" else ""

    def _relations(self, path):
        """{id: (the last word of its type, path)}."""
        folder, name = posixpath.split(path)
        part = posixpath.join(folder, "_rels", f"{name}.rels")
        if part not in self.names:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/"),
            )
            for relation in fromstring(self.archive.read(part))
        }

    def _part(self, kind):
        return next((path for found, path in self.relations.values() if found == kind and path in self.names), None)

    def _shared_strings(self):
        if path := self._part("sharedStrings"):
            with self.archive.open(path) as part:
                for _, element in iterparse(part, events=("end",)):
                    if local(element.tag) == "si":
                        yield _text_of(element)
                        element.clear()

    def _cell_formats(self):
        """The number format of each style of a cell."""
        path = self._part("styles")
        if path is None:
            return
        root = fromstring(self.archive.read(path))
        own = {
            element.get("numFmtId"): element.get("formatCode", "")
            for element in root.iter()
            if local(element.tag) == "numFmt"
        }
        for group in root:
            if local(group.tag) == "cellXfs":
                for style in group:
                    number = style.get("numFmtId", "0")
                    yield own.get(number) or BUILT_IN.get(int(number) if number.isdigit() else 0, "General")

    def _sheet(self, name, path, *, is_active):
        builder, hidden_columns = SheetBuilder(name, is_active=is_active), []
        row = column = count = 0
        hidden = False
        with self.archive.open(path) as part:
            for event, tag, element in _passing(part):
                if event == "start":
                    if tag == "row":
                        row, column = _number(element.get("r"), row + 1, LAST_ROW), 0
                        hidden = element.get("hidden") in {"1", "true"} or element.get("ht") == "0"
                elif tag == "c":
                    count += 1
                    if count > MOST_CELLS:
                        raise Unreadable(TOO_LARGE)
                    column = _column(element.get("r"), column + 1)
                    self._cell(builder, element, row, column, hidden=hidden)
                elif tag == "col" and element.get("hidden") in {"1", "true"}:
                    hidden_columns.append((int(element.get("min", "0")), int(element.get("max", "0"))))
                elif tag == "mergeCell":
                    _merge(builder, element.get("ref", ""))
        return builder.finish(hidden_columns)

    def _cell(self, builder, element, row, column, *, hidden):
        try:
            builder.put(row, column, self._shown(element), hidden=hidden)
        except CannotShow as error:
            builder.problem(row, column, str(error), hidden=hidden)

    def _shown(self, cell: Element) -> str:
        kind, parts = cell.get("t", "n"), {local(part.tag): part for part in cell}
        value = parts["v"].text or "" if "v" in parts else ""
        if "f" in parts and not value:
            raise CannotShow(_NO_RESULT)
        if kind == "e":
            raise CannotShow(f"是错误值 {value[:20]}，请改正。")
        code = self._format(cell.get("s"))
        if kind == "n":
            return number_shown(value, code, since_1904=self.since_1904) if value else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "d":  # Strict writes days so
            return value.removesuffix("T00:00:00")
        return text_shown(self._text(kind, value, parts), code)

    def _text(self, kind, value, parts):
        if kind == "inlineStr":
            return _text_of(parts["is"]) if "is" in parts else ""
        if kind == "s":
            place = _number(value, -1, len(self.strings) - 1)
            return self.strings[place] if place >= 0 else ""
        return unescape(value)

    def _format(self, style):
        place = _number(style, 0, len(self.formats) - 1)
        return self.formats[place] if place >= 0 else "General"


def _passing(part):
    """(event, local name, element) of each element outside of cells, at its start and when it is whole.

    After that it is forgotten: a sheet may hold millions of what is not read.
    """
    above: list[Element] = []
    cell = None
    for event, element in iterparse(part, events=("start", "end")):
        if event == "end":
            above.pop()
        if cell is None or element is cell:
            tag = local(element.tag)
            cell = element if (event, tag) == ("start", "c") else None
            yield event, tag, element
            if event == "end" and above:
                del above[-1][:]
        if event == "start":
            above.append(element)


def _text_of(element):
    """Of a string, rich or plain, without what helps to pronounce it."""
    found = []
    for part in element:
        tag = local(part.tag)
        if tag == "t":
            found.append(part.text or "")
        elif tag == "r":
            found += [text.text or "" for text in part if local(text.tag) == "t"]
    return unescape("".join(found))


def _number(text, otherwise, most):
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
    return min(number, most)


def _column(address, otherwise):
    match = _ADDRESS.fullmatch(address or "")
    return column_number(match[1]) if match else otherwise


def column_number(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


def _merge(builder, ref):
    ends = [_ADDRESS.fullmatch(end) for end in ref.split(":")]
    if len(ends) == 2 and all(ends):
        (left, top), (right, bottom) = (end.groups() for end in ends)
        builder.merge(int(top), column_number(left), int(bottom), column_number(right))
