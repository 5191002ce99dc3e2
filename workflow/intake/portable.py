"""PDF: every object that would run, send or fetch something, and the text of the first pages."""

import re
from collections.abc import Iterator
from typing import IO, Any

import pypdfium2
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from workflow.filetypes import EXPANDS

from . import found
from .found import Text, refuse

MOST_PAGES = 20  # whose text is read
MOST_OBJECTS = 200_000
SENTENCES = {
    "/JavaScript": found.SCRIPTS, "/Rendition": found.SCRIPTS, "/RichMediaExecute": found.SCRIPTS,
    "/Launch": found.ACTIONS, "/SubmitForm": found.ACTIONS, "/ImportData": found.ACTIONS,
    "/GoToE": found.ATTACHED, "/GoToR": found.OUTSIDE.format("另一个文件"),
}  # fmt: skip
SUBTYPES = {"/RichMedia": found.SCRIPTS, "/3D": found.SCRIPTS, "/Screen": None, "/FileAttachment": found.ATTACHED}
# In an object that cannot be read, but which a more forgiving program might.
_RAW = re.compile(rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia)\b[\s(<\[/]")


def examine(file: IO[bytes], text: Text) -> None:
    """Adds its lines to `text`; raises Unacceptable where it runs, sends or hides something."""
    reader = PdfReader(file)
    if reader.is_encrypted:
        reader.decrypt("")
    _check(reader, file)
    text.head += _properties(reader)
    text.head += _notes(reader)
    _read_pages(file, text)


def _check(reader: PdfReader, file: IO[bytes]) -> None:
    is_whole = True
    numbers = [(number, generation) for generation, places in reader.xref.items() for number in places]
    numbers += [(number, 0) for number in reader.xref_objStm]
    if len(numbers) > MOST_OBJECTS:
        refuse(EXPANDS)
    _check_object(reader.trailer, reader)
    for number, generation in numbers:
        try:
            known = IndirectObject(number, generation, reader).get_object()
        except Exception:  # noqa: BLE001 - whatever a broken object leads the library to
            is_whole = False
            continue
        _check_object(known, reader)
        if len(reader.resolved_objects) > 5_000:
            reader.resolved_objects.clear()
    if not is_whole:
        file.seek(0)
        if _RAW.search(file.read()):
            refuse(found.ACTIONS)


def _check_object(known: Any, reader: PdfReader) -> None:
    """With what stands in it, not what it refers to: each object comes by itself."""
    waiting = [known]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ArrayObject):
            waiting += part
        elif isinstance(part, DictionaryObject):
            _check_dictionary(part)
            waiting += [value for key, value in part.items() if key != "/Parent"]


def _check_dictionary(part: DictionaryObject) -> None:
    kind = part.get("/S")
    if isinstance(kind, str) and kind in SENTENCES:
        refuse(SENTENCES[kind])
    if "/JS" in part or "/JavaScript" in part:
        refuse(found.SCRIPTS)
    if "/EF" in part or "/EmbeddedFiles" in part or part.get("/Type") == "/EmbeddedFile":
        refuse(found.ATTACHED)
    subtype = part.get("/Subtype")
    if isinstance(subtype, str) and (sentence := SUBTYPES.get(subtype)):
        refuse(sentence)
    if "/XFA" in part and any(b"script" in piece for piece in _forms(part["/XFA"])):
        refuse(found.SCRIPTS)


def _forms(form: Any) -> Iterator[bytes]:
    for piece in form if isinstance(form, ArrayObject) else [form]:
        known = piece.get_object()
        if isinstance(known, StreamObject):
            yield known.get_data()


def _properties(reader: PdfReader) -> list[str]:
    try:
        return [str(value) for value in (reader.metadata or {}).values()]
    except Exception:  # noqa: BLE001 - no properties are no mark
        return []


def _notes(reader: PdfReader) -> Iterator[str]:
    """Stamps and text boxes laid over the first page."""
    try:
        for note in reader.pages[0].get("/Annots", []):
            yield from str(note.get_object().get("/Contents", "")).splitlines()
    except Exception:  # noqa: BLE001 - of a page that says otherwise
        return


def _read_pages(file: IO[bytes], text: Text) -> None:
    file.seek(0)
    try:
        document = pypdfium2.PdfDocument(file)
        pages = [page.get_textpage().get_text_range().splitlines() for page in list(document)[:MOST_PAGES]]
    except (pypdfium2.PdfiumError, UnicodeError):
        return  # an odd font or page: nothing that can be read
    if pages:
        text.begin_with(pages[0])
        for lines in pages[1:]:
            text.begin_with(lines[:2])
            text.body += lines
