"""Word documents for tests: small templates, and what a made document says and links."""

import io
import zipfile

from docx import Document
from docx.oxml.ns import qn


def template(*paragraphs, table=()):
    """A .docx with these paragraphs, and a table of these rows of cells."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        grid = document.add_table(0, len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    content = io.BytesIO()
    document.save(content)
    return io.BytesIO(content.getvalue())


def changed(file, parts):
    """The document with some of its parts rewritten: {path: function of the text}, or new ones: {path: text}."""
    content = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = parts.get(name)
            text = old.read(name)
            new.writestr(name, change(text.decode()) if callable(change) else text if change is None else change)
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return io.BytesIO(content.getvalue())


def paragraphs(content):
    """What its paragraphs say, those in tables too, in the order of the page."""
    document = Document(io.BytesIO(content))
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p"))]


def links(content):
    """[(text, address)] of its links, in the order of the page."""
    document = Document(io.BytesIO(content))
    return [
        (
            "".join(t.text or "" for t in link.iter(qn("w:t"))),
            document.part.rels[link.get(qn("r:id"))].target_ref,
        )
        for link in document.element.body.iter(qn("w:hyperlink"))
    ]
