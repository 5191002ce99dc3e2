"""A template and values become a document."""

import io
import re
import zipfile
from collections.abc import Mapping
from difflib import get_close_matches
from typing import IO, Any
from urllib.parse import urlsplit

from docx.opc.constants import RELATIONSHIP_TYPE
from docxtpl import DocxTemplate, RichText
from jinja2 import TemplateSyntaxError, UndefinedError
from jinja2.exceptions import TemplateError

from reform.excel import clean
from workflow import filetypes

from .columns import fit_columns
from .sandbox import Environment, Rounds, Rows
from .values import Link, Words

LINK_STYLE = "Hyperlink"  # the style of characters of links, by its id
SYNTAX = "模板中的标记写法有误{}：{}。"


class BadTemplate(filetypes.Unacceptable):
    """A template that cannot be filled; the message says why, in Chinese."""


def render(template: IO[bytes], values: Mapping[str, Any], *, fit: bool = False) -> bytes:
    """The document that the template and the values make. Raises BadTemplate.

    `fit`: columns of tables are made as wide as what stands in them asks for.
    """
    document = _Template(template, fit=fit)
    try:
        document.init_docx()
        safe = _Safe(document).mapping(values)
        document.render(safe, Environment(), autoescape=True)
        content = io.BytesIO()
        document.save(content)
    except TemplateSyntaxError as error:
        raise BadTemplate(SYNTAX.format(_place(error), _reason(error))) from error
    except UndefinedError as error:
        raise BadTemplate(_unknown(error, values)) from error
    except TemplateError as error:
        raise BadTemplate(SYNTAX.format(_place(error), _reason(error))) from error
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


PARAGRAPH = re.compile("<w:p(?: [^>]*)?>.*?</w:p>", re.DOTALL)
BREAKING = re.compile("[\t\n\a\f]")
EMPTY_RUN = '<w:r><w:t xml:space="preserve"></w:t></w:r>'  # what docxtpl leaves before and after rich text


class _Template(DocxTemplate):
    def __init__(self, template: IO[bytes], *, fit: bool) -> None:
        super().__init__(template)
        self.fit = fit

    def build_xml(self, context: Mapping[str, Any], jinja_env: Environment) -> str:
        """Without the empty runs, which would be a quarter of a long table."""
        xml: str = super().build_xml(context, jinja_env)
        return xml.replace(EMPTY_RUN, "")

    def fix_tables(self, xml: str) -> Any:
        """Columns are fitted here, where elements are not yet those of python-docx, which take longer to make."""
        tree = super().fix_tables(xml)
        if self.fit:
            fit_columns(tree)
        return tree

    def resolve_listing(self, xml: str) -> str:
        """Lines and tabs within text: asked of each paragraph that has some, not of every part of all of them."""
        if not BREAKING.search(xml):
            return xml
        resolve = super().resolve_listing
        return PARAGRAPH.sub(lambda found: resolve(found[0]) if BREAKING.search(found[0]) else found[0], xml)


class _Safe:
    """Values as a document holds them: without characters that XML cannot write, links as relationships."""

    def __init__(self, document: DocxTemplate) -> None:
        self.document = document
        self.rounds = Rounds()
        self.known: dict[str, str] = {}  # {address: key of its relationship}

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {str(key): self.value(value) for key, value in values.items()}

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, list | tuple):
            return Rows(map(self.value, value), self.rounds)
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
        if address not in self.known:
            if urlsplit(address).scheme not in ("http", "https"):
                raise ValueError(address)
            # Not `relate_to`, which looks through all that are there.
            rels = self.document.docx.part.rels
            key = f"link{len(self.known) + 1}"
            rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, key, is_external=True)
            self.known[address] = key
        return self.known[address]


TOKENS = (
    (re.compile(r"Unexpected end of template|Encountered unknown tag 'end|unknown tag"), "循环或条件标记没有成对"),
    (re.compile(r"No filter named"), "使用了不支持的过滤器"),
    (re.compile(r"No test named"), "使用了不支持的判断"),
)


def _reason(error: TemplateError) -> str:
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
