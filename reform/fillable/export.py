"""The sheet of what somebody may fill in now."""

from accounts.models import User
from reform.excel import clean
from reform.imports.sheets import ROW
from reform.ledgers.base import Extract
from workflow.refusals import ActionRefused
from workflow.texts import clean_text

from .base import MOST_ROWS, FillableSheet
from .keys import Key, print_of, written
from .workbook import FIRST_ROW, Line, write


def export(sheet: FillableSheet, extract: Extract, user: User) -> tuple[bytes, int]:
    """The book and the number of its rows; raises ActionRefused."""
    rows = sheet.rows(extract, user)
    if (total := rows.count()) > MOST_ROWS:
        raise ActionRefused(f"共 {total} 行，超过一张填报表的上限 {MOST_ROWS} 行，请按月份、项目等条件分次导出。")
    keyed = [(sheet.key(extract, row), row) for row in rows]
    matters = sheet.matters(user, [key for key, _ in keyed])
    is_open = [(matters[key], row) for key, row in keyed if key in matters and not matters[key].obstacle]
    if not is_open:
        why = dict.fromkeys(matter.obstacle for matter in matters.values())
        raise ActionRefused("".join(["没有可以填报的内容。", *list(why)[:3]]))
    lines = [_line(sheet, matter, _texts(sheet, extract, row)) for matter, row in is_open]
    left = len(keyed) - len(is_open)
    note = f"只填写黄色的列，填好后在“{sheet.ledger.label}”页面导入" + (f"；另有 {left} 行现在不能填报" if left else "")
    return write(sheet, dict(enumerate(lines, FIRST_ROW + 1)), note), len(lines)


def error_book(sheet: FillableSheet, dataset, problems) -> bytes:
    """What was brought back, with what is wrong in its rows."""
    headings = sheet.layout.headings
    may_change = frozenset(range(len(headings) - len(sheet.changing), len(headings)))
    lines = {}
    for row in dataset.dict:
        sentences = problems.get(row[ROW], ())
        lines[row[ROW]] = Line(
            [row[heading] for heading in headings], may_change, sentences, _named(headings, sentences)
        )
    return write(sheet, lines)


def _named(headings, problems):
    """The places of the cells of which the sentences speak: open in the error file, to be mended there."""
    begins = tuple(sentence.partition("：")[0] for sentence in problems)
    return frozenset(
        at for at, heading in enumerate(headings) if heading in begins or any(f"“{heading}”" in text for text in begins)
    )


def _texts(sheet, extract, row):
    """What stands in the locked columns."""
    return [clean_text(clean(column.text(column.of(row)))) for column in sheet.locked(extract)]


def _line(sheet, matter, locked):
    values = [matter.values.get(column.name, "") for column in sheet.changing]
    key = Key(matter.key, [print_of(text) for text in locked], [print_of(text) for text in values])
    first = 1 + len(locked)
    may_change = (at for at, column in enumerate(sheet.changing, first) if column.name in matter.values)
    return Line([written(sheet, key), *locked, *values], frozenset(may_change))
