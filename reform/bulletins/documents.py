"""A draft as a Word document, from our template or the office's."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.utils import timezone

from accounts.models import Department
from reform import word
from reform.models import Bulletin, WordTemplate
from workflow.formats import day_words

from .draft import section_values

OURS = Path(__file__).parent / "templates"
OFFICE = "市委改革办"
NUMBERS = "一二三四五六七八九十"


def template(kind: str) -> IO[bytes]:
    """What the office put in its place, or ours."""
    replaced = WordTemplate.objects.current().filter(kind=kind, purged_at=None).last()
    if replaced:
        content: IO[bytes] = replaced.file.open("rb")
        return content
    return (OURS / f"{kind}.docx").open("rb")


def office_name() -> str:
    return Department.objects.filter(is_office=True).values_list("name", flat=True).first() or OFFICE


def bulletin_document(bulletin: Bulletin, site: str) -> bytes:
    """The draft; `site` stands before the addresses of its figures."""
    with template(WordTemplate.Kind.BULLETIN) as file:
        return word.render(file, bulletin_values(bulletin, site), fit=True)


def bulletin_values(bulletin: Bulletin, site: str) -> dict[str, Any]:
    body, annexes = sections_of(bulletin)
    return {
        "series": bulletin.get_series_display(),
        "issue": f"第{bulletin.number}期",
        "year": bulletin.year,
        "period": bulletin.period.words,
        "office": office_name(),
        "date": day_words(bulletin.dated),
        "title": bulletin.title,
        "addressed_to": bulletin.addressed_to,
        "as_of": as_of_words(bulletin),
        "sections": [section_values(section, site) for section in body],
        "annexes": [section_values(section, site) for section in annexes],
    }


def as_of_words(bulletin: Bulletin) -> str:
    return f"数据截至{timezone.localtime(bulletin.as_of):%Y-%m-%d %H:%M}，只统计市委改革办已确认的数据。"


def sections_of(bulletin: Bulletin) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Body and annexes, with their numbers in the titles."""
    found = bulletin.content.get("sections", ())
    body = [section for section in found if not section["is_annex"]]
    annexes = [section for section in found if section["is_annex"]]
    return (
        [section | {"title": f"{NUMBERS[place]}、{section['title']}"} for place, section in enumerate(body)],
        [section | {"title": f"附件{place}　{section['title']}"} for place, section in enumerate(annexes, 1)],
    )


def sample(kind: str) -> Mapping[str, Any]:
    """Values like those that a template of that kind is filled with, to try an uploaded one."""
    section = {
        "title": "一、标题",
        "paragraphs": [_SAMPLE],
        "tables": [{"caption": "表", "heads": ["列", "数"], "rows": [{"cells": [_SAMPLE, _SAMPLE]}]}],
    }
    common = {"office": OFFICE, "date": "2026年11月30日", "title": "标题", "as_of": "数据截至", "sections": [section]}
    if kind == WordTemplate.Kind.BULLETIN:
        names = ("series", "issue", "period", "addressed_to")
        return common | dict.fromkeys(names, "词") | {"year": 2026, "annexes": [section]}
    return common | {"subtitle": "说明"}


_SAMPLE = word.Words(("共 ", word.Link("3", "https://example.cn/"), " 项。"))


# What each place of a template stands for, in the order of the page; the words after it say how a list is written.
PLACES = {
    "series": "通报系列名称（红头）",
    "year": "年度",
    "issue": "期号，如“第1期”",
    "office": "发文单位",
    "date": "印发日期",
    "title": "标题",
    "subtitle": "标题下的说明：编号、责任单位、市领导",
    "addressed_to": "主送单位",
    "period": "期间，如“2026年1—11月”",
    "sections": "正文各部分（循环）：其中有标题、段落和表格",
    "annexes": "附件各部分（循环）：写法与正文各部分相同",
    "as_of": "数据截至时间",
}
PARTS = {
    "section.title": "各部分的标题",
    "section.paragraphs": "各部分的段落（循环），每段写作 {{r words }}",
    "section.tables": "各部分的表格（循环）",
    "table.caption": "表格标题",
    "table.heads": "表头各列（循环），每列写作 {{ head }}",
    "table.rows": "表格各行（循环）",
    "row.cells": "一行中的各格（循环），每格写作 {{r cell }}",
}


def places(kind: str) -> list[tuple[str, str]]:
    """(what it stands for, how it is written) of every place of a template of that kind."""
    known = sample(kind)
    return [(words, name) for name, words in (PLACES | PARTS).items() if name in known or name in PARTS]


def checked_template(name: str, file: IO[bytes], kind: str) -> None:
    """Raises Unacceptable unless the file can take the place of the template of that kind."""
    word.check_template(name, file, sample(kind))
