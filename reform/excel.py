"""Excel for everybody: styles and safe text of what we write, and the reading of what people upload."""

import re
import warnings
import zipfile

from openpyxl import load_workbook
from openpyxl.styles import Border, Side

from workflow import filetypes

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has no way to write these
LONGEST_TEXT = 32_767  # of a cell
EDGE_COLOUR = "CDD2DA"
EDGE = Side("thin", EDGE_COLOUR)
BOXED = Border(EDGE, EDGE, EDGE, EDGE)
FONT = "微软雅黑"
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 24 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 2000, 40
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")


class Unreadable(Exception):
    """`problems`: all of them, in Chinese."""

    def __init__(self, *problems):
        super().__init__("；".join(problems))
        self.problems = problems


def open_sheet(file, name):
    """The sheet of that name, else the one in front, of a book known to be small; nothing is unpacked before that.

    Raises Unreadable.
    """
    if file.size > MOST_BYTES:
        raise Unreadable(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分批导入。")
    try:
        extension = filetypes.extension_of(file.name) == "xlsx" and filetypes.check(file.name, file)
    except filetypes.Unacceptable as error:
        raise Unreadable(str(error)) from error
    if extension != "xlsx":
        raise Unreadable("请选择 .xlsx 文件；其他格式请用 WPS/Excel 另存为 .xlsx。")
    try:
        _measure(file)
        file.seek(0)
        with warnings.catch_warnings(action="ignore"):  # of ornaments that openpyxl leaves out
            book = load_workbook(file)
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file leads it to
        raise Unreadable("不能读取这个文件，请用 WPS/Excel 另存为 .xlsx 后再导入。") from error
    sheet = book[name] if name in book.sheetnames else book.active
    if sheet not in book.worksheets:
        raise Unreadable("没有找到数据表，请下载模板，在模板中填写。")
    if sheet.max_row > MOST_ROWS * 2 or sheet.max_column > MOST_COLUMNS:
        raise Unreadable(f"表格过大：最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。请删除多余的行列后再导入。")
    if sheet.merged_cells.ranges:
        where = "、".join(str(cells) for cells in list(sheet.merged_cells.ranges)[:5])
        raise Unreadable(f"表中有合并单元格（{where}），请取消合并、逐格填写。")
    return sheet


def _measure(file):
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            raise Unreadable("文件展开后过大，请删除多余的内容后再导入。")
        cells = sum(
            len(_CELL.findall(archive.read(name))) for name in archive.namelist() if name.startswith("xl/worksheets/")
        )
    if cells > MOST_ROWS * MOST_COLUMNS:
        raise Unreadable(f"表格过大：最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。请删除多余的行列后再导入。")


def clean(text):
    """Without what a workbook cannot hold."""
    return ILLEGAL.sub("", text)


def write_text(cell, text):
    """Text stays text, also when a spreadsheet would take it for a formula."""
    cell.value = clean(text)
    cell.data_type = "s"
