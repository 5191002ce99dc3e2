"""What a bulletin says of 督办事项: how many are open and overdue, and which letters were sent."""

from django.urls import reverse

from reform.models import Rung, SupervisionMatter

from .draft import Draft, Line, Piece, departments_words, to
from .facts import PeriodFacts, by
from .tables import cut

HEADS = ("序号#", "督办事项", "来源", "牵头单位", "办理时限#", "现状", "已发督办函")


def know(draft: Draft, facts: PeriodFacts) -> None:
    words = facts.period.words
    draft.know("open_matters", "未办结的督办事项", "matter", [matter.pk for matter in facts.open_matters])
    draft.know("overdue_matters", "逾期未办结的督办事项", "matter", [matter.pk for matter in facts.overdue_matters])
    draft.know("closed_matters", f"{words}办结的督办事项", "matter", facts.closed_matters)
    draft.know("letters", f"{words}发出的督办函", "letter", [letter.pk for letter in facts.letters])
    sent = by(facts.letters, lambda letter: letter.rung)
    for rung in Rung:
        if rung in sent:
            label = f"{words}发出的{rung.label}函"
            draft.know(f"letters_{rung.name.lower()}", label, "letter", [letter.pk for letter in sent[rung]])


def write(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("督办事项办理情况")
    if not (facts.open_matters or facts.closed_matters or facts.letters):
        section.paragraph("本期没有督办事项。")
        return
    section.paragraph(
        "未办结的督办事项 ",
        draft.count("open_matters"),
        " 项，其中逾期 ",
        draft.count("overdue_matters"),
        *_units(facts),
        "；本期办结 ",
        draft.count("closed_matters"),
        " 项，发出督办函 ",
        draft.count("letters"),
        *_rungs(draft),
        "未办结事项清单见附件。" if facts.open_matters else "",
    )


def _units(facts: PeriodFacts) -> list[Piece]:
    units = departments_words(matter.department for matter in facts.overdue_matters)
    return [f" 项，涉及{units}" if units else " 项"]


def _rungs(draft: Draft) -> list[Piece]:
    """件（提示 2 件、交办 1 件）。"""
    pieces: list[Piece] = []
    for rung in Rung:
        name = f"letters_{rung.name.lower()}"
        if name in draft.sources:
            pieces += ["、" if pieces else " 件（", f"{rung.label} ", draft.count(name), " 件"]
    return [*pieces, "）。"] if pieces else [" 件。"]


def annex(draft: Draft, facts: PeriodFacts) -> None:
    if facts.open_matters:
        draft.section("未办结督办事项清单", is_annex=True).table("", HEADS, matter_rows(facts))


def matter_rows(facts: PeriodFacts) -> list[list[Line]]:
    return [_row(number, matter) for number, matter in enumerate(facts.open_matters, 1)]


def _row(number: int, matter: SupervisionMatter) -> list[Line]:
    address = matter.get_absolute_url()
    letters: Line = []
    for letter in sorted(matter.letters.all(), key=lambda letter: letter.rung):
        letters += ["；" if letters else "", to(letter.document_number, reverse("reform:letter", args=[letter.pk]))]
    return [
        [str(number)],
        [to(cut(matter.text), address)],
        [matter.get_origin_display()],
        [matter.department.name],
        [to(f"{matter.due_on:%Y-%m-%d}", address)],
        [to(matter.standing_words, address)],
        letters or ["—"],
    ]
