"""Writes our Word templates: python -m scripts.word_templates

Red head, A4 and margins as GB/T 9704 has them; fonts by the names that offices have, each with a fallback.
"""

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FOLDER = Path(__file__).resolve().parent.parent / "reform" / "bulletins" / "templates"
RED = RGBColor(0xC8, 0x10, 0x2E)
TITLE, BODY, HEAD, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
FALLBACK = {TITLE: "宋体", BODY: "仿宋", KAI: "楷体"}
LATIN = "Times New Roman"


class Template:
    def __init__(self) -> None:
        self.document = Document()
        self._fonts()
        self._styles()
        self._page(self.document.sections[0])
        self._numbers(self.document.sections[0])

    # --- Look ---------------------------------------------------------------------------------------

    def _fonts(self) -> None:
        """altName: what Word and WPS take where the font is missing."""
        part = next(part for part in self.document.part.package.iter_parts() if "fontTable" in str(part.partname))
        fonts = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in FALLBACK.items()
        )
        part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())

    def _styles(self) -> None:
        normal = self.document.styles["Normal"]
        self._letter(normal, BODY, 16)
        normal.paragraph_format.space_after = Pt(0)
        body = self._style("通报正文", BODY, 16, exactly=28)
        self._indent(body)
        self._style("通报标题", TITLE, 22, align="CENTER", exactly=34, before=18, after=14)
        self._style("通报红头", TITLE, 36, align="CENTER", colour=RED, exactly=54, before=6)
        self._style("通报期号", BODY, 16, align="CENTER", exactly=30, before=6, after=6)
        self._style("通报主送", BODY, 16, exactly=28)
        heading = self._style("通报小标题", HEAD, 16, exactly=28, before=6)
        heading.paragraph_format.keep_with_next = True
        self._indent(heading)
        self._style("通报落款", BODY, 16, align="RIGHT", exactly=28)
        note = self._style("通报说明", KAI, 10.5, exactly=18, before=6)
        note.font.color.rgb = RGBColor(0x55, 0x55, 0x55)
        caption = self._style("表格标题", HEAD, 12, align="CENTER", exactly=22, before=8, after=2)
        caption.paragraph_format.keep_with_next = True
        self._style("表格表头", HEAD, 9, align="CENTER", exactly=14)
        self._style("表格文字", BODY, 9, exactly=14)
        self._style("版记", BODY, 14, exactly=26)
        link = self.document.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
        link.font.color.rgb = RGBColor(0, 0, 0)

    def _style(
        self,
        name: str,
        font: str,
        size: float,
        *,
        align: str = "",
        colour: RGBColor | None = None,
        exactly: float = 0,
        before: float = 0,
        after: float = 0,
    ) -> Any:
        style = self.document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = self.document.styles["Normal"]
        style.quick_style = True
        self._letter(style, font, size)
        if colour is not None:
            style.font.color.rgb = colour
        layout = style.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        if align:
            layout.alignment = getattr(WD_ALIGN_PARAGRAPH, align)
        if exactly:
            layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(exactly)
        return style

    @staticmethod
    def _letter(style: Any, font: str, size: float) -> None:
        style.font.name, style.font.size = LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), font)
        for theme in ("asciiTheme", "eastAsiaTheme", "hAnsiTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)

    @staticmethod
    def _indent(style: Any) -> None:
        """Two letters, whatever their size."""
        indent = style.element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), "200")
        indent.set(qn("w:firstLine"), "640")

    @staticmethod
    def _page(section: Any, *, sideways: bool = False) -> None:
        long, short = Mm(297), Mm(210)
        section.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (long, short) if sideways else (short, long)
        top, bottom, left, right = (25, 20, 22, 22) if sideways else (37, 35, 28, 26)
        section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.header_distance, section.footer_distance = Mm(15), Mm(20 if not sideways else 10)

    @staticmethod
    def _numbers(section: Any) -> None:
        """— 1 —"""
        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for text in ("— ", None, " —"):
            if text:
                run = paragraph.add_run(text)
                run.font.size = Pt(14)
                continue
            for kind, code in (("begin", ""), ("", " PAGE "), ("separate", ""), ("", "1"), ("end", "")):
                run = paragraph.add_run()
                run.font.size = Pt(14)
                if kind:
                    mark = OxmlElement("w:fldChar")
                    mark.set(qn("w:fldCharType"), kind)
                elif code == "1":
                    run.text = code
                    continue
                else:
                    mark = OxmlElement("w:instrText")
                    mark.text = code
                    mark.set(qn("xml:space"), "preserve")
                run._element.append(mark)

    # --- Content ------------------------------------------------------------------------------------

    def paragraph(self, text: str, style: str) -> Any:
        return self.document.add_paragraph(text, style)

    def rule(self, paragraph: Any, *, colour: str = "C8102E", size: int = 18, side: str = "bottom") -> None:
        borders = OxmlElement("w:pBdr")
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", "4"), ("color", colour)):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
        properties = paragraph._element.get_or_add_pPr()
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
        )

    def sections(self, name: str, heading: str = "通报小标题") -> None:
        """Titles, paragraphs and tables of the sections in that list."""
        self.paragraph(f"{{%p for section in {name} %}}", "通报正文")
        self.paragraph("{{ section.title }}", heading)
        self.paragraph("{%p for words in section.paragraphs %}", "通报正文")
        self.paragraph("{{r words }}", "通报正文")
        self.paragraph("{%p endfor %}", "通报正文")
        self.paragraph("{%p for table in section.tables %}", "通报正文")
        self.paragraph("{%p if table.caption %}", "通报正文")
        self.paragraph("{{ table.caption }}", "表格标题")
        self.paragraph("{%p endif %}", "通报正文")
        self._table()
        self.paragraph("{%p endfor %}", "通报正文")
        self.paragraph("{%p endfor %}", "通报正文")

    def _table(self) -> None:
        table = self.document.add_table(4, 3, "Table Grid")
        table.autofit = False
        head, first, row, last = table.rows
        for place, text in enumerate(("{%tc for head in table.heads %}", "{{ head }}", "{%tc endfor %}")):
            self._cell(head.cells[place], text, "表格表头")
        self._cell(first.cells[0], "{%tr for row in table.rows %}", "表格文字")
        for place, text in enumerate(("{%tc for cell in row.cells %}", "{{r cell }}", "{%tc endfor %}")):
            self._cell(row.cells[place], text, "表格文字")
        self._cell(last.cells[0], "{%tr endfor %}", "表格文字")
        for found, name in ((head, "w:tblHeader"), (head, "w:cantSplit"), (row, "w:cantSplit")):
            found._tr.get_or_add_trPr().append(OxmlElement(name))
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F2F2F2")):
            shade.set(qn(f"w:{name}"), value)
        head.cells[1]._tc.get_or_add_tcPr().append(shade)
        margins = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            margin = OxmlElement(f"w:{side}")
            margin.set(qn("w:w"), "60")
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
        table._tbl.tblPr.append(margins)

    @staticmethod
    def _cell(cell: Any, text: str, style: str) -> None:
        cell.paragraphs[0].style, cell.paragraphs[0].text = style, text

    def save(self, name: str) -> None:
        self.document.core_properties.author = "市委改革办"
        self.document.core_properties.title = ""
        self.document.core_properties.comments = ""
        self.document.save(str(FOLDER / f"{name}.docx"))


def bulletin() -> None:
    made = Template()
    made.paragraph("{{ series }}", "通报红头")
    made.paragraph("{{ year }}年{{ issue }}", "通报期号")
    line = made.paragraph("{{ office }}\t{{ date }}", "通报主送")
    line.paragraph_format.tab_stops.add_tab_stop(Mm(156), 2)
    made.rule(line)
    made.paragraph("{{ title }}", "通报标题")
    made.paragraph("{{ addressed_to }}：", "通报主送")
    made.paragraph("现将{{ period }}有关情况通报如下。", "通报正文")
    made.sections("sections")
    made.paragraph("", "通报正文")
    made.paragraph("{%p for annex in annexes %}", "通报正文")
    made.paragraph("{{ annex.title }}", "通报正文")
    made.paragraph("{%p endfor %}", "通报正文")
    made.paragraph("", "通报正文")
    made.paragraph("{{ office }}", "通报落款")
    made.paragraph("{{ date }}", "通报落款")
    made.paragraph("{{ as_of }}", "通报说明")
    made.paragraph("{%p if annexes %}", "通报正文")
    made._page(made.document.add_section(WD_SECTION.NEW_PAGE), sideways=True)
    made.sections("annexes", "通报小标题")
    made._page(made.document.add_section(WD_SECTION.NEW_PAGE))
    made.paragraph("{%p endif %}", "通报正文")
    first = made.paragraph("主送：{{ addressed_to }}", "版记")
    made.rule(first, colour="000000", size=8, side="top")
    last = made.paragraph("{{ office }}\t{{ date }}印发", "版记")
    last.paragraph_format.tab_stops.add_tab_stop(Mm(156), 2)
    made.rule(last, colour="000000", size=8)
    made.save("bulletin")


def sheet(name: str) -> None:
    """Title, a line under it, and sections: 领导一页纸 and 上会材料."""
    made = Template()
    section = made.document.sections[0]
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(16), Mm(16), Mm(8)
    section.left_margin = section.right_margin = Mm(20)
    for run in section.footer.paragraphs[0].runs:
        run.font.size = Pt(10.5)
    title = made.document.styles["通报标题"]
    title.font.size = Pt(20)
    title.paragraph_format.line_spacing = Pt(28)
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(0), Pt(4)
    made.document.styles["通报正文"].font.size = Pt(12)
    made.document.styles["通报正文"].paragraph_format.line_spacing = Pt(18)
    made.document.styles["通报小标题"].font.size = Pt(13)
    made.document.styles["通报小标题"].paragraph_format.line_spacing = Pt(20)
    made.paragraph("{{ title }}", "通报标题")
    line = made.paragraph("{{ subtitle }}", "表格标题")
    made.rule(line)
    made.sections("sections")
    made.paragraph("{{ office }}　{{ date }}　{{ as_of }}", "通报说明")
    made.save(name)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    bulletin()
    sheet("one_page")
    sheet("meeting")
