"""Word documents: filled from a .docx template, and checked when somebody uploads one.

A template is a document with names in double braces ({{ period }}, {%p for row in rows %} …, see docxtpl); what holds
links is written {{r name }}. Values are plain: text, numbers, lists and mappings of such, and `Words`.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import IO, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docxtpl import DocxTemplate, RichText
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflow import filetypes

from .excel import clean

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LATIN = 0xFF  # letters up to here are half as wide as Chinese ones
LINK_STYLE = "Hyperlink"  # the style of characters of links, by its id

MOST_MB = 5  # of a template
MOST_UNPACKED = 40 * 1024 * 1024
MOST_XML = 8 * 1024 * 1024  # of one part of a document that people bring
MOST_TEMPLATE_XML = 1024 * 1024
MOST_ROUNDS = 100_000  # of all loops of one document, and each of its rows a few times
ROUNDS_A_ROW = 5
DEEPEST = 4  # loops within loops

OUTSIDE = "文件引用了外部内容（{}），请改为嵌入或删除后再上传。"
EMBEDDED = "文件中嵌有其他程序的对象，请转为文字、表格或图片后再上传。"
FIELD = "文件中有不能接收的域“{}”，请转为普通文字（选中后按 Ctrl+Shift+F9）后再上传。"
SYNTAX = "模板中的标记写法有误{}：{}。"


class BadTemplate(filetypes.Unacceptable):
    """A template that cannot be filled; the message says why, in Chinese."""


@dataclass(frozen=True)
class Link:
    """Text that leads to an absolute address."""

    text: str
    address: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Words:
    """A sentence or a cell, some parts of which are links."""

    parts: tuple[str | Link, ...] = ()

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def __bool__(self) -> bool:
        return any(map(str, self.parts))


# --- Filling ------------------------------------------------------------------------------------


def render(template: IO[bytes], values: Mapping[str, Any], *, fit: bool = False) -> bytes:
    """The document that the template and the values make. Raises BadTemplate.

    `fit`: columns of tables are made as wide as what stands in them asks for.
    """
    document = DocxTemplate(template)
    try:
        document.init_docx()
        safe = _Safe(document).mapping(values)
        document.render(safe, _Environment(), autoescape=True)
        if fit:
            _fit_columns(document.docx)
        content = io.BytesIO()
        document.save(content)
    except TemplateSyntaxError as error:
        raise BadTemplate(SYNTAX.format(_place(error), _said(error))) from error
    except UndefinedError as error:
        raise BadTemplate(_unknown(error, values)) from error
    except TemplateError as error:
        raise BadTemplate(SYNTAX.format(_place(error), _said(error))) from error
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        if isinstance(error, BadTemplate):
            raise
        raise BadTemplate("模板填入内容后不是完整的 Word 文件，请检查循环标记是否成对、是否放在同一表格内。") from error
    return _with_fixed_times(content)


FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of zip archives


def _with_fixed_times(document: IO[bytes]) -> bytes:
    """The same values make the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(document) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, FIRST_DAY), old.read(entry), zipfile.ZIP_DEFLATED)
    return content.getvalue()


REFUSED_NODES: tuple[tuple[type[nodes.Node] | tuple[type[nodes.Node], ...], str], ...] = (
    (nodes.Call, "圆括号调用"),
    (nodes.Getitem, "方括号取值"),
    ((nodes.BinExpr, nodes.UnaryExpr), "运算"),
    ((nodes.Assign, nodes.AssignBlock), "赋值（set）"),
    ((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends), "对其他文件的引用（include、import、extends）"),
    ((nodes.Macro, nodes.CallBlock, nodes.Block), "宏和块（macro、call、block）"),
    ((nodes.List, nodes.Tuple, nodes.Dict), "列表"),
)


class _Environment(ImmutableSandboxedEnvironment):
    """Fills in names, repeats and chooses: whatever else Jinja knows is refused before it runs."""

    NODES = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For, nodes.If, nodes.Filter,
        nodes.Const, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test,
    )  # fmt: skip
    FILTERS = ("default", "first", "join", "last", "length")
    TESTS = ("defined", "even", "odd")

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in self.FILTERS}
        self.tests = {name: self.tests[name] for name in self.TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._check(tree, 0)
        return tree

    def _check(self, node: nodes.Node, depth: int) -> None:
        if not isinstance(node, self.NODES):
            words = next((words for kinds, words in REFUSED_NODES if isinstance(node, kinds)), "这种写法")
            raise TemplateSyntaxError(f"不能使用{words}", getattr(node, "lineno", 1))
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise TemplateSyntaxError(f"不能使用“{node.attr}”", node.lineno)
        depth += isinstance(node, nodes.For)
        if depth > DEEPEST:
            raise TemplateSyntaxError(f"循环最多套 {DEEPEST} 层", node.lineno)
        for child in node.iter_child_nodes():
            self._check(child, depth)


class _Rounds:
    """How many the loops of one document may still take."""

    def __init__(self) -> None:
        self.left = MOST_ROUNDS


class _Rows(list[Any]):
    """A list whose loops come to an end."""

    def __init__(self, rows: Iterable[Any], rounds: _Rounds) -> None:
        super().__init__(rows)
        self.rounds = rounds
        rounds.left += ROUNDS_A_ROW * len(self)

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            if self.rounds.left <= 0:
                raise TemplateSyntaxError("循环次数过多", 1)
            self.rounds.left -= 1
            yield row


class _Safe:
    """Values as a document holds them: without characters that XML cannot write, links as relationships."""

    def __init__(self, document: DocxTemplate) -> None:
        self.document = document
        self.rounds = _Rounds()
        self.known: dict[str, str] = {}  # {address: key of its relationship}

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {str(key): self.value(value) for key, value in values.items()}

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, list | tuple):
            return _Rows(map(self.value, value), self.rounds)
        if isinstance(value, Link):
            return self._rich(Words((value,)))
        if isinstance(value, Words):
            return self._rich(value)
        if value is None or isinstance(value, bool | int):
            return "" if value is None else value
        return clean(str(value)).replace("\r\n", "\n")

    def _rich(self, words: Words) -> RichText:
        rich = RichText()
        for part in words.parts:
            if isinstance(part, Link):
                rich.add(clean(part.text), style=LINK_STYLE, url_id=self._relationship(part.address))
            elif part:
                rich.add(clean(part))
        return rich

    def _relationship(self, address: str) -> str:
        if urlsplit(address).scheme not in ("http", "https"):
            raise ValueError(address)
        if address not in self.known:
            # Not `relate_to`, which looks through all that are there.
            rels = self.document.docx.part.rels
            key = f"link{len(self.known) + 1}"
            rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, key, is_external=True)
            self.known[address] = key
        return self.known[address]


LETTER, MARGINS = 96, 150  # of a half-width letter in small print, and of a cell, in twentieths of a point
SHORT, LONGEST = 14, 80  # letters of cells that stand in the middle; of a cell that counts for a column's width


def _fit_columns(document: Any) -> None:
    """Give each column what cannot be broken, and share the rest by how much stands in it; short ones are centred."""
    for table in document.element.body.iter(f"{W}tbl"):
        columns = list(table.find(f"{W}tblGrid").iter(f"{W}gridCol"))
        total = sum(int(column.get(f"{W}w", 0)) for column in columns)
        rows = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")]
        if not total or any(len(row) != len(columns) for row in rows):
            continue  # with merged cells, as the template has it
        texts = [[_text(row[place]) for row in rows] for place in range(len(columns))]
        least = [max(map(_unbreakable, column)) * LETTER + MARGINS for column in texts]
        wanted = [min(max(map(_length, column)), LONGEST) ** 0.75 for column in texts]
        rest = max(total - sum(least), 0)
        for place, column in enumerate(columns):
            width = str(int(min(1, total / sum(least)) * least[place] + rest * wanted[place] / sum(wanted)))
            column.set(f"{W}w", width)
            is_short = max(map(_length, texts[place])) <= SHORT
            for row in rows:
                _set_cell(row[place], width, is_short=is_short)


def _set_cell(cell: Any, width: str, *, is_short: bool) -> None:
    for size in cell.iter(f"{W}tcW"):
        size.set(f"{W}w", width)
        size.set(f"{W}type", "dxa")
    if is_short:
        for paragraph in cell.iter(f"{W}p"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _text(cell: Any) -> str:
    return "".join(part.text or "" for part in cell.iter(f"{W}t"))


def _length(text: str) -> int:
    return sum(2 if ord(letter) > LATIN else 1 for letter in text)


def _unbreakable(text: str) -> int:
    """Letters of the longest word; Chinese breaks anywhere, and a column has room for two of its letters."""
    return max([4, *(len(found) for found in re.findall(r"[!-~]+", text[:LONGEST]))])


TOKENS = (
    (re.compile(r"Unexpected end of template|Encountered unknown tag 'end|unknown tag"), "循环或条件标记没有成对"),
    (re.compile(r"No filter named"), "使用了不支持的过滤器"),
    (re.compile(r"No test named"), "使用了不支持的判断"),
)


def _said(error: TemplateError) -> str:
    text = error.message or ""
    if re.search("[\u4e00-\u9fff]", text):
        return text
    return next((words for pattern, words in TOKENS if pattern.search(text)), "不能识别")


def _place(error: TemplateError) -> str:
    """（“…”附近）, from the lines of text that docxtpl keeps of where it stopped."""
    lines = [line.strip() for line in getattr(error, "docx_context", ())]
    marked = next((line for line in lines if "{%" in line or "{{" in line), "")
    return f"（“{marked[:40]}”附近）" if marked else ""


def _unknown(error: UndefinedError, values: Mapping[str, Any]) -> str:
    found = re.search(r"'([^']*)'(?: is undefined|$)", error.message or "")
    name = found[1] if found else ""
    near = get_close_matches(name, values, 1)
    hint = f"是否应为“{near[0]}”？" if near else f"可用的名称：{'、'.join(sorted(values))}。"
    return f"模板中的“{name}”不是可用的名称。{hint}"


# --- Checking what people bring -----------------------------------------------------------------

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
    """Codes of fields, also where Word has cut them into runs; one that is made by another field has no name."""
    for simple in root.iter(f"{W}fldSimple"):
        _check_field(simple.get(f"{W}instr", ""))
    open_codes: list[str | None] = []  # of the fields around; None: its code is over
    for element in root.iter():
        if element.tag == f"{W}fldChar":
            kind = element.get(f"{W}fldCharType")
            if kind == "begin":
                open_codes.append("")
            elif kind in ("separate", "end") and open_codes:
                code = open_codes.pop()
                if code is not None:
                    _check_field(code)
                if kind == "separate":
                    open_codes.append(None)
        elif element.tag in (f"{W}instrText", f"{W}delInstrText"):
            if open_codes and open_codes[-1] is not None:
                open_codes[-1] += element.text or ""
            else:
                _check_field(element.text or "")


def _check_field(code: str) -> None:
    words = code.replace('"', " ").split()
    name = words[0].upper() if words else ""
    if name.startswith("="):
        name = "="
    if name not in FIELDS:
        raise filetypes.Unacceptable(FIELD.format(name or "（空）"))
    if name == "HYPERLINK" and len(words) > 1 and not PAGES.match(words[1]):
        raise filetypes.Unacceptable(OUTSIDE.format(words[1][:60]))
