"""Pages with 数据提示 and 文字比对: what each save answers, and what the clerk confirms with a short word."""

from collections.abc import Collection

from django.template.loader import render_to_string

from reform.quality.records import answer_hints, hints_of
from reform.quality.shown import by_subject
from reform.quality.texts import repeated_texts
from workflow.editing.forms import RecordForm
from workflow.texts import clean_text

LONGEST_WORD = 60


class HintedForm(RecordForm):
    """Of each subject the page sends `hint_word`, and `hint_ok` (the keys of the hints shown) where it was ticked.
    A page that shows no hint sends neither, and changes nothing.
    """

    def subjects(self) -> dict[str, str]:
        """{prefix of the fields: subject}."""
        raise NotImplementedError

    def save(self, *, touch=True, person=None):
        before = self.instance.version
        record = super().save(touch=touch, person=person)
        if person and answer_hints(record, person, self._answers()) and record.version == before:
            record.version += 1
            record.save()
        return record

    def _answers(self) -> dict[str, tuple[Collection[str], str]]:
        sent: dict[str, tuple[Collection[str], str]] = {}
        for prefix, subject in self.subjects().items():
            word = self.data.get(f"{prefix}hint_word")
            if word is not None:
                keys = self.data.get(f"{prefix}hint_ok", "").split(",")
                sent[subject] = ([key for key in keys if key], clean_text(word)[:LONGEST_WORD])
        return sent

    def advice(self, user):
        found = by_subject(hints_of([self.instance], for_office=False).get(self.instance.pk, []))
        hints = {}
        for prefix, subject in self.subjects().items():
            hints[f"{prefix}hints"] = found[subject].as_json() if subject in found else None
        return super().advice(user) | {"hints": hints}


class ComparedForm(RecordForm):
    """Of a kind with texts that are compared with earlier ones."""

    def advice(self, user):
        repeats = render_to_string("reform/_repeats.html", {"repeats": repeated_texts(self.instance, user)})
        return super().advice(user) | {"repeats": repeats}
