"""Sheets of workbooks as people see them: what is hidden is left out, and told of."""

from collections.abc import Iterator
from typing import IO, Any

from workflow.workbooks import xls, xlsx
from workflow.workbooks.sheet import Row, Sheet, letters, row_numbers

MOST_ROWS, MOST_COLUMNS = 300, 40


def look(file: IO[bytes], extension: str, page: int, width: int) -> dict[str, Any]:
    """`page` is the place of the sheet."""
    content = file.read()
    sheets = (xlsx if content.startswith(b"PK") else xls).read(content)
    page = max(1, min(page, len(sheets)))
    sheet = sheets[page - 1]
    rows = [row for row in sheet.rows if not row.hidden]
    table = [
        [cell for column, cell in enumerate(row.cells[:MOST_COLUMNS], 1) if letters(column) not in sheet.hidden_columns]
        for row in rows[:MOST_ROWS]
    ]
    return {
        "page": page,
        "pages": len(sheets),
        "title": sheet.title,
        "blocks": [{"table": table}] if table else [],
        "notes": list(_notes(sheet, rows)),
    }


def _notes(sheet: Sheet, rows: list[Row]) -> Iterator[str]:
    if len(rows) > MOST_ROWS or any(len(row.cells) > MOST_COLUMNS for row in rows):
        yield f"表格较大，只显示前 {MOST_ROWS} 行、{MOST_COLUMNS} 列，全部内容请下载查看。"
    if sheet.hidden_rows:
        yield f"隐藏的行没有显示：第 {row_numbers(sheet.hidden_rows)} 行。"
    if sheet.hidden_columns:
        yield f"隐藏的列没有显示：{'、'.join(sheet.hidden_columns)}。"
    unshown = sum(len(row.problems) for row in rows)
    if unshown:
        yield f"{unshown} 个单元格没有可显示的值。"
