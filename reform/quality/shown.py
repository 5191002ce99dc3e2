"""The hints of a record as its pages show them: those of one indicator or field together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reform.quality.records import ShownHint
from workflow.formats import short_time


@dataclass(frozen=True)
class Together:
    """All hints about one subject."""

    hints: list[ShownHint]

    @property
    def token(self) -> str:
        return ",".join(hint.key for hint in self.hints)

    @property
    def is_answered(self) -> bool:
        return all(hint.answer for hint in self.hints)

    @property
    def word(self) -> str:
        return next((hint.answer.word for hint in self.hints if hint.answer), "")

    @property
    def answered_by(self) -> str:
        """市发展改革委 录入甲 11-23 10:44."""
        answer = next((hint.answer for hint in self.hints if hint.answer), None)
        return f"{answer.person.full_name} {short_time(answer.at)}" if answer else ""

    def as_json(self) -> dict[str, Any]:
        texts = [hint.text for hint in self.hints]
        return {"texts": texts, "token": self.token, "answered": self.is_answered, "word": self.word}


def by_subject(hints: Iterable[ShownHint]) -> dict[str, Together]:
    found: dict[str, list[ShownHint]] = {}
    for hint in hints:
        found.setdefault(hint.subject, []).append(hint)
    return {subject: Together(together) for subject, together in found.items()}
