"""OpenDocument spreadsheets, in which each cell carries the text that it shows: parsed as a stream."""

from decimal import Decimal, InvalidOperation
from io import BytesIO
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring, iterparse

from .sheet import MOST_SHEETS, NO_SHEET, TOO_MANY_SHEETS, Sheet, SheetBuilder, Unreadable
from .shown import MOST_DIGITS, NO_NUMBER, CannotShow, number_shown
from .xlsx import LAST_COLUMN, LAST_ROW, local

_HIDDEN = {"collapse", "filter"}


def read(data: bytes) -> list[Sheet]:
    with ZipFile(BytesIO(data)) as archive:
        active = _active(archive)
        with archive.open("content.xml") as part:
            found = list(_sheets(iterparse(part, events=("start", "end")), active))
    if not found:
        raise Unreadable(NO_SHEET)
    return found


def _active(archive):
    if "settings.xml" not in archive.namelist():
        return None
    for item in fromstring(archive.read("settings.xml")).iter():
        if _get(item, "name") == "ActiveTable":
            return item.text
    return None


def _get(element, name, otherwise=""):
    return next((value for key, value in element.attrib.items() if local(key) == name), otherwise)


def _times(element, name, most):
    text = _get(element, name, "1")
    return max(1, min(int(text), most)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _sheets(events, active):
    hidden_styles, table, count = set(), None, 0
    for event, element in events:
        tag = local(element.tag)
        if event == "start":
            if tag == "table" and table is None:
                count += 1
                if count > MOST_SHEETS:
                    raise Unreadable(TOO_MANY_SHEETS)
                table = _Table(_get(element, "name"), is_active=_get(element, "name") == active)
        elif tag == "style" and any(_get(part, "display") == "false" for part in element):
            hidden_styles.add(_get(element, "name"))
        elif tag == "table" and table is not None:
            if _get(element, "style-name") not in hidden_styles:
                yield table.builder.finish(table.hidden_columns)
            table = None
            element.clear()
        elif table is not None:
            table.add(tag, element)


class _Table:
    def __init__(self, title, *, is_active):
        self.builder = SheetBuilder(title, is_active=is_active)
        self.hidden_columns = []
        self.row = self.column = 1

    def add(self, tag, element):
        if tag == "table-column":
            self.add_column(element)
        elif tag == "table-row":
            self.add_row(element)
            element.clear()

    def add_column(self, element):
        last = self.column + _times(element, "number-columns-repeated", LAST_COLUMN) - 1
        if _get(element, "visibility") in _HIDDEN:
            self.hidden_columns.append((self.column, last))
        self.column = last + 1

    def add_row(self, element):
        hidden = _get(element, "visibility") in _HIDDEN
        times = _times(element, "number-rows-repeated", LAST_ROW)
        cells = [cell for cell in _cells(element) if cell[1].strip() or cell[2]]
        for row in range(self.row, self.row + (times if cells else 0)):
            for column, text, problem, _ in cells:
                if problem:
                    self.builder.problem(row, column, problem, hidden=hidden)
                else:
                    self.builder.put(row, column, text, hidden=hidden)
        for column, _, _, (down, right) in _cells(element):
            if (down, right) != (1, 1):
                self.builder.merge(self.row, column, self.row + down - 1, column + right - 1)
        self.row += times


def _cells(row):
    """(column, text, problem, (rows, columns) it spans); an empty cell that is repeated, once."""
    column = 1
    for cell in row:
        if local(cell.tag) not in {"table-cell", "covered-table-cell"}:
            continue
        times = _times(cell, "number-columns-repeated", LAST_COLUMN)
        spans = _times(cell, "number-rows-spanned", LAST_ROW), _times(cell, "number-columns-spanned", LAST_COLUMN)
        try:
            text, problem = _shown(cell), ""
        except CannotShow as error:
            text, problem = "", str(error)
        for place in range(times if text.strip() or problem else 1):
            yield column + place, text, problem, spans
        column += times


def _shown(cell):
    text = "\n".join(_text(part) for part in cell if local(part.tag) == "p")
    kinds = {value for key, value in cell.attrib.items() if local(key) == "value-type"}
    if "error" in kinds or (_get(cell, "formula") and text.startswith(("#", "Err:"))):
        raise CannotShow(f"是错误值 {text[:20]}，请改正。")
    if "date" in kinds:
        return _get(cell, "date-value").removesuffix("T00:00:00")
    if kinds & {"float", "percentage", "currency"}:
        value = _get(cell, "value")
        if not text:
            return number_shown(value, "General")
        _check_digits(value)
    return text


def _check_digits(value):
    try:
        if abs(Decimal(value)) >= Decimal(10) ** MOST_DIGITS:
            number_shown(value, "General")
    except InvalidOperation as error:
        raise CannotShow(NO_NUMBER) from error


def _text(element):
    found = [element.text or ""]
    for part in element:
        tag = local(part.tag)
        if tag == "s":
            found.append(" " * _times(part, "c", 100))
        elif tag == "tab":
            found.append("\t")
        elif tag == "line-break":
            found.append("\n")
        elif tag not in {"annotation", "note"}:
            found.append(_text(part))
        found.append(part.tail or "")
    return "".join(found)
