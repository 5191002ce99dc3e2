"""Codes of fields in Word documents, also where Word has cut them into runs."""

from collections.abc import Iterator


class FieldCodes:
    """Takes the parts of a document in their order and gives the codes of the fields that are complete.

    A field whose name is made by another field has none: its code starts with `NESTED`.
    """

    NESTED = "\x13"

    def __init__(self) -> None:
        self._open: list[str | None] = []  # of the fields around; None: the code is over, its result follows

    def char(self, kind: str) -> Iterator[str]:
        """A w:fldChar of this type."""
        if kind == "begin":
            if self._open and self._open[-1] is not None:
                self._open[-1] += self.NESTED
            self._open.append("")
        elif kind in ("separate", "end") and self._open:
            code = self._open.pop()
            if code is not None:
                yield code
            if kind == "separate":
                self._open.append(None)

    def text(self, code: str) -> Iterator[str]:
        """A piece of code: w:instrText."""
        if self._open and self._open[-1] is not None:
            self._open[-1] += code
        else:
            yield code


def words_of(code: str) -> list[str]:
    """The words of a code; the first is the name of the field."""
    return code.replace('"', " ").split()
