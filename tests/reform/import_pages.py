"""Books of base info, and what the pages of their import answer."""

import io

from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from reform.imports.base_info import LAYOUT

PAGE, TEMPLATE = "/office/projects/import/", "/office/projects/import/template/"
PREVIEW, GIVE_UP = f"{PAGE}preview/", f"{PAGE}give-up/"
HEADINGS = LAYOUT.headings
ROW = {
    "项目编号": "GG2026001",
    "项目名称": "要素市场化配置改革",
    "起始年度": 2026,
    "预计完成年度": 2028,
    "改革领域": "经济体制",
    "领衔市领导": "王市长",
    "专项小组": None,
    "牵引来源": "中央试点",
    "牵引文件": "关于开展要素市场化配置改革试点的批复",
    "责任单位": "市发展改革委",
    "配合单位": "市科技局、市教委",
    "改革方案名称": "改革实施方案",
    "文号": "市委改发〔2026〕1号",
    "方案印发日期": "2026-03-01",
    "所处阶段": "加快实施",
    "认定“加快实施”日期": "2026年5月6日",
}


def book(*rows, headings=HEADINGS, change=None):
    """The bytes of a book with these rows, each ROW with what it says different."""
    made = Workbook()
    sheet = made.active
    sheet.append(headings)
    for row in rows:
        sheet.append([(ROW | row).get(heading) for heading in headings])
    if change:
        change(sheet)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def upload(client, content, name="项目.xlsx"):
    """The preview, or the page that says what is wrong."""
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)}, follow=True)


def confirm(client, shown, **more):
    """确认导入 on the preview shown."""
    return client.post(PREVIEW, {"token": shown.context["preview"].token} | more, follow=True)


def import_book(client, content):
    return confirm(client, upload(client, content))


def changes(shown):
    """{number: [(label, old, new)]} of the projects that the preview changes."""
    return {
        row.key: [(change.label, change.old, change.new) for change in row.changes]
        for row in shown.context["preview"].changed
    }


def history_of(project):
    return [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=project.pk)]


def complaints(answer):
    assert answer.status_code == 422
    return "\n".join([*answer.context["form"].errors.get("file", []), *answer.context["problems"]])


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def only(number, **cells):
    """A row of which all other cells are empty."""
    return dict.fromkeys(HEADINGS) | {"项目编号": number} | cells
