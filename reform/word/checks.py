"""Whether a document that somebody brings is harmless, and a template can be filled."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from docx import Document

from workflow import filetypes
from workflow.intake.fields import FieldCodes, words_of
from workflow.intake.found import EMBEDDED, OUTSIDE

from .filling import BadTemplate, render
from .parts import W

MOST_MB = 5  # of a template
MOST_UNPACKED = 40 * 1024 * 1024
MOST_XML = 8 * 1024 * 1024  # of one part of a document that people bring
MOST_TEMPLATE_XML = 1024 * 1024

FIELD = "文件中有不能接收的域“{}”，请转为普通文字（选中后按 Ctrl+Shift+F9）后再上传。"
FIELDS = {
    "=", "AUTHOR", "COMMENTS", "CREATEDATE", "DATE", "EQ", "FILENAME", "HYPERLINK", "KEYWORDS", "NOTEREF", "NUMCHARS",
    "NUMPAGES", "NUMWORDS", "PAGE", "PAGEREF", "PRINTDATE", "REF", "SAVEDATE", "SECTION", "SECTIONPAGES", "SEQ",
    "STYLEREF", "SUBJECT", "SYMBOL", "TC", "TIME", "TITLE", "TOC", "XE",
}  # fmt: skip
PAGES = re.compile(r"https?://|mailto:|\\[a-z]$", re.IGNORECASE)  # or a switch: a place in the document itself
OBJECTS = ("oleobject", "activex", "package", "control", "afchunk", "subdocument", "frame", "vbaproject")


def check_document(name: str, file: IO[bytes], *, most_mb: int, most_xml: int = MOST_XML) -> None:
    """Raises Unacceptable unless this is a .docx that fetches nothing, runs nothing and hides nothing."""
    if file.seek(0, io.SEEK_END) > most_mb * 1024 * 1024:
        raise filetypes.Unacceptable(f"文件超过 {most_mb} MB，请压缩图片或拆分后再上传。")
    if filetypes.check(name, file, allowed=("docx",), most_unpacked=MOST_UNPACKED) != "docx":
        raise filetypes.Unacceptable("文件不是 docx 格式，请用办公软件另存为 docx 后再上传。")
    try:
        with zipfile.ZipFile(file) as archive:
            for part in archive.namelist():
                _check_part(archive, part, most_xml)
        file.seek(0)
        Document(file)
    except filetypes.Unacceptable:
        raise
    except Exception as error:
        raise filetypes.Unacceptable(filetypes.DAMAGED) from error
    finally:
        file.seek(0)


def check_template(name: str, file: IO[bytes], sample: Mapping[str, Any]) -> None:
    """Raises Unacceptable unless the file is a template that can be filled with values like the `sample`."""
    check_document(name, file, most_mb=MOST_MB, most_xml=MOST_TEMPLATE_XML)
    with zipfile.ZipFile(io.BytesIO(render(file, sample))) as archive:
        for part in archive.namelist():
            if part.startswith("word/") and part.endswith(".xml"):
                root = ElementTree.fromstring(archive.read(part))
                if any(len(text) for text in root.iter(f"{W}t")):
                    raise BadTemplate("带链接的内容要写作 {{r 名称 }}，不能写作 {{ 名称 }}，请修改后再上传。")
    file.seek(0)


def _check_part(archive: zipfile.ZipFile, name: str, most_xml: int) -> None:
    if name.lower().startswith(("word/embeddings/", "word/activex/")):
        raise filetypes.Unacceptable(EMBEDDED)
    if not name.endswith((".xml", ".rels")):
        return
    with archive.open(name) as part:
        text = part.read(most_xml + 1)
    if len(text) > most_xml:
        raise filetypes.Unacceptable(filetypes.EXPANDS)
    root = ElementTree.fromstring(text, forbid_dtd=True)
    if name.endswith(".rels"):
        _check_relationships(root)
    else:
        _check_fields(root)


def _check_relationships(root: Element) -> None:
    for relationship in root:
        kind = relationship.get("Type", "").rpartition("/")[2].lower()
        target = relationship.get("Target", "")
        if kind in OBJECTS:
            raise filetypes.Unacceptable(EMBEDDED)
        if relationship.get("TargetMode", "").lower() != "external":
            continue
        if kind != "hyperlink" or urlsplit(target).scheme.lower() not in ("http", "https", "mailto"):
            raise filetypes.Unacceptable(OUTSIDE.format("附加模板" if kind == "attachedtemplate" else target[:60]))


def _check_fields(root: Element) -> None:
    codes = FieldCodes()
    for element in root.iter():
        if element.tag == f"{W}fldSimple":
            complete: Iterable[str] = [element.get(f"{W}instr", "")]
        elif element.tag == f"{W}fldChar":
            complete = codes.char(element.get(f"{W}fldCharType", ""))
        elif element.tag in (f"{W}instrText", f"{W}delInstrText"):
            complete = codes.text(element.text or "")
        else:
            continue
        for code in complete:
            _check_field(code)


def _check_field(code: str) -> None:
    words = words_of(code)
    name = words[0].upper() if words else ""
    if name.startswith("="):
        name = "="
    if name not in FIELDS:
        raise filetypes.Unacceptable(FIELD.format(name or "（空）"))
    if name == "HYPERLINK" and len(words) > 1 and not PAGES.match(words[1]):
        raise filetypes.Unacceptable(OUTSIDE.format(words[1][:60]))
