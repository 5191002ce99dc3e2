"""Reads an uploaded workbook as people see it, in a process of its own."""

from django.core.files.uploadedfile import UploadedFile

from workflow import confined, filetypes
from workflow.texts import clean_text

from .sheet import Row, Sheet, Unreadable

EXTENSIONS = ("xlsx", "xls", "et", "ods")
ACCEPT = ",".join(f".{extension}" for extension in EXTENSIONS)  # of a file field
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 24 * 1024 * 1024
WALL_SECONDS = 4.5


def read_sheet(file: UploadedFile) -> Sheet:
    """The sheet in front when the file was saved; raises Unreadable."""
    sheets = read_sheets(file)
    return next((sheet for sheet in sheets if sheet.is_active), sheets[0])


def read_sheets(file: UploadedFile) -> list[Sheet]:
    """All sheets that are not hidden, in their order; raises Unreadable."""
    if (file.size or 0) > MOST_BYTES:
        raise Unreadable(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分批导入。")
    name = file.name or ""
    if filetypes.extension_of(name) not in EXTENSIONS:
        raise Unreadable("请选择 .xlsx、.xls、.et 或 .ods 文件。")
    try:
        if filetypes.check(name, file, allowed=EXTENSIONS, most_unpacked=MOST_UNPACKED) not in EXTENSIONS:
            raise Unreadable("请选择 .xlsx、.xls、.et 或 .ods 文件。")
    except filetypes.Unacceptable as error:
        raise Unreadable(str(error)) from error
    file.seek(0)
    found = _parse(file.read())
    if "problems" in found:
        raise Unreadable(*found["problems"])
    return [_sheet(**sheet) for sheet in found["sheets"]]


def _parse(data):
    try:
        return confined.run("workflow.workbooks.child", content=data, wall_seconds=WALL_SECONDS)
    except confined.TooMuch as error:
        raise Unreadable("文件内容过于复杂，不能在限定的时间内读取。请把数据复制到新的表格中，再导入。") from error


def _sheet(rows, **facts):
    return Sheet(rows=[Row(**row | {"cells": [clean_text(cell) for cell in row["cells"]]}) for row in rows], **facts)
