"""The rungs 提示, 交办, 催办, 责令: the system proposes one by age, a person sends it."""

import io
from datetime import date
from pathlib import Path

from accounts import clock
from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.models import User
from reform import word
from reform.models import LetterSeries, Rung, SupervisionLetter, SupervisionMatter
from reform.models.supervision_letter import PROPOSED_FROM
from workflow.actions import locking
from workflow.refusals import ActionRefused

from .matters import locked, may_supervise, notify

TEMPLATE = Path(__file__).parent / "letter.docx"
REQUIREMENTS = {
    Rung.REMIND: "该事项已超过办理时限。请对照督办内容抓紧办理，按时反馈办理情况。",
    Rung.ASSIGN: "该事项经提示仍未办结。现予交办，请明确责任人和完成时间，按时反馈办理情况。",
    Rung.URGE: "该事项经交办仍未办结。请主要负责同志研究解决，说明未办结原因，按时反馈办理情况。",
    Rung.ORDER: "该事项经催办仍未办结。责令限期完成，并书面说明逾期原因和整改措施。",
}


def next_rung(matter):
    """The one above the last that was sent; None above the highest."""
    last = max((letter.rung for letter in matter.letters.all()), default=0)
    return Rung(last + 1) if last < Rung.ORDER else None


def proposed(matter):
    """The next rung, once the matter is as old as it asks and the day that the last letter set has passed."""
    rung = next_rung(matter)
    if rung is None or matter.days_over < PROPOSED_FROM[rung]:
        return None
    answered_by = max((letter.due_on for letter in matter.letters.all()), default=matter.due_on)
    return rung if clock.today() > answered_by else None


def may_send(matter: SupervisionMatter, user: User) -> bool:
    """Whether a letter is this person's to send now, proposed or not: of an overdue matter, one rung at a time."""
    return may_supervise(matter, user) and matter.is_overdue and next_rung(matter) is not None


@locking()
def send(pk: int, user: User, version: int, *, rung: int, due_on: date, **texts: str) -> SupervisionLetter:
    """Give the letter its number, keep its `texts`, and tell the department; raises ActionRefused."""
    matter = locked(pk, user, version)
    if not may_send(matter, user) or next_rung(matter) != rung:
        raise ActionRefused("这个督办事项现在不能发出这一级督办函，请核对办理情况。")
    day = clock.today()
    letter = SupervisionLetter.objects.create(
        matter=matter,
        rung=rung,
        year=day.year,
        number=LetterSeries.next_number(rung, day.year),
        department=matter.department,
        department_name=matter.department.name,
        origin="，".join(filter(None, [matter.get_origin_display(), matter.source_words])),
        text=matter.text,
        deadline=matter.due_on,
        due_on=due_on,
        **texts,
        issued_on=day,
        sender=user,
    )
    matter.version += 1
    matter.save()
    write(user, Action.LETTER, letter, after={"文号": letter.document_number, "主送": letter.department_name})
    words = f"市委改革办发出{letter.title}（{letter.document_number}），请于 {due_on:%Y-%m-%d} 前反馈。"
    notify(matter, words, f"letter-{letter.rung}")
    return letter


def document(letter: SupervisionLetter) -> bytes:
    """The letter as a Word document."""
    values = {
        "title": letter.title,
        "number": letter.document_number,
        "department": letter.department_name,
        "origin": letter.origin,
        "text": letter.text,
        "deadline": _day(letter.deadline),
        "requirement": letter.requirement,
        "due_on": _day(letter.due_on),
        "contact": letter.contact,
        "phone": letter.phone,
        "issuer": letter.issuer,
        "issued_on": _day(letter.issued_on),
    }
    return word.render(io.BytesIO(TEMPLATE.read_bytes()), values)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
