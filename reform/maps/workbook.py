"""导出 Excel of the picture of a map: one sheet, A3 on its side."""

from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from reform.calendar import MONTHS
from reform.excel import BOXED, EDGE, FONT, write_text
from reform.indicators import SHARE_OF_YEAR, SHARE_SO_FAR, floored
from reform.models.measure import names_of
from workflow.formats import plain

NOW = Side("medium", "B3202C")
SINCE_NOW = Border(NOW, EDGE, EDGE, EDGE)  # the line at the current month
FILLS = {
    "green": "E6F4EC",
    "blue": "E8F0FA",
    "amber": "FDF3E1",
    "red": "FBEEEE",
    "grey": "F0F1F4",
}
WORDS = {"green": "217346", "blue": "2860A8", "amber": "8A5200", "red": "B3202C", "grey": "5B6270"}
FACTS = ("核心指标", "计量单位", "年度目标值", "累计进度", SHARE_OF_YEAR, SHARE_SO_FAR, "亮灯", "")
SHARES = (5, 6)  # of the columns
FIRST_MONTH = len(FACTS) + 1
LAST = FIRST_MONTH + len(MONTHS) - 1
WIDTHS = (24, 9, 11, 11, 13, 13, 9, 8)
MONTH_WIDTH = 11
# What may be printed on, in millimetres; a letter of width is so many points wide, a plain row so high.
PAPER, LETTER, PLAIN_ROW, HIGHEST_ROW = (400, 277), 5.25, 15, 409


def map_workbook(picture):
    """The workbook, not yet saved."""
    book = Workbook()
    sheet = _Sheet(book.active, picture)
    sheet.head()
    sheet.indicators()
    sheet.measures()
    sheet.notes()
    sheet.fill_the_page()
    sheet.set_up()
    return book


class _Sheet:
    def __init__(self, sheet, picture):
        self.sheet, self.picture = sheet, picture
        self.row = 1

    def head(self):
        project, drawn = picture_facts(self.picture)
        self._line(project, size=18, bold=True, height=34)
        self._line(drawn, size=10)
        self._line(f"{self.picture.as_of_line}{self.picture.light.word}：{self.picture.light.why}", size=10, height=30)
        self.row += 1

    def indicators(self):
        self._months_head(FACTS)
        for card in self.picture.cards:
            indicator, top = card.indicator, self.row
            found = card.progress
            original = f"（{indicator.adjusted_words}，原目标 {card.original_text}）" if card.original_text else ""
            kind = "".join(f"\n{words}" for words in (indicator.kind_words, card.lag) if words)
            facts = (
                f"{indicator.name}{original}{kind}",
                indicator.unit,
                indicator.annual_words or indicator.annual_target,
                card.done_text if indicator.is_qualitative else found.value,
                floored(found.year_share),
                floored(found.share),
                card.light.word,
            )
            for column, value in enumerate(facts, 1):
                for row in (top, top + 1):
                    self._cell(row, column, None)
                self._cell(top, column, value, colour=card.light.colour if column == len(facts) else None)
                self.sheet.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
            for column in SHARES:
                self.sheet.cell(top, column).number_format = "0.0%"
            for row, label in ((top, "目标值"), (top + 1, "进度值")):
                self._cell(row, len(FACTS), label)
            points = {point.month: point.colour for point in card.line.actuals} if card.line else {}
            for bar in card.bars:
                column = FIRST_MONTH + bar.month - 1
                row = indicator.by_month().get(bar.month)
                if indicator.is_qualitative and row:
                    self._cell(top, column, row.words)
                    self._cell(top + 1, column, row.get_state_display())
                    continue
                colour = points.get(bar.month, bar.colour)
                self._cell(top, column, bar.target)
                self._cell(top + 1, column, bar.actual, colour=None if bar.actual is None else colour)
            self.row += 2
        self.row += 1

    def measures(self):
        self._months_head(("具体举措",), span=len(FACTS))
        self.title_row = self.row - 1
        first = self.row
        for row in self.picture.rows:
            top = self.row
            lines = max(1, *(len(chips) for _, chips in row.months))
            text = f"{row.mark} {row.measure.content}"
            if row.measure.lead:
                text += f"（牵头单位：{row.measure.lead}）"
            if partners := names_of(row.measure.partners.all()):
                text += f"（配合单位：{partners}）"
            if row.measure.iteration_count:
                text += f"（已迭代 {row.measure.iteration_count} 次）"
            for line in range(lines):
                for column in range(1, LAST + 1):
                    self._cell(top + line, column, None)
            self._cell(top, 1, text)
            self.sheet.merge_cells(start_row=top, end_row=top + lines - 1, start_column=1, end_column=len(FACTS))
            for month, chips in row.months:
                for line, chip in enumerate(chips):
                    original = f"（原定{chip.plan.original_month}月）" if chip.plan.original_month else ""
                    words = f"{chip.plan.type_label or '未选类型'}\n{chip.light.word}{original}"
                    self._cell(top + line, FIRST_MONTH + month - 1, words, colour=chip.light.colour)
            wanted = 15 * (len(text) // 38 + 1) + 6
            for line in range(lines):
                self.sheet.row_dimensions[top + line].height = max(32, wanted / lines)
            self.row += lines
        self.measure_rows = range(first, self.row)
        self.row += 1

    def notes(self):
        legend = "　".join(word for _, word in self.picture.legend)
        self._line(f"图例：{legend}" if self.picture.is_issued else "作战图下发后亮灯。", size=10)
        for what, light in self.picture.warnings:
            self._line(f"{what}　{light.word}：{light.why}", size=10, colour=light.colour)

    def fill_the_page(self):
        """Rows of measures share what a small map leaves of the paper."""
        heights = [self.sheet.row_dimensions[row].height or PLAIN_ROW for row in range(1, self.row)]
        width = (sum(WIDTHS) + MONTH_WIDTH * len(MONTHS)) * LETTER
        left = width * PAPER[1] / PAPER[0] * 0.96 - sum(heights)
        if left > 0 and self.measure_rows:
            for row in self.measure_rows:
                height = heights[row - 1] + left / len(self.measure_rows)
                self.sheet.row_dimensions[row].height = min(height, HIGHEST_ROW)

    def set_up(self):
        sheet = self.sheet
        sheet.title = f"{self.picture.battle_map.year}年度作战图"
        for number, width in enumerate((*WIDTHS, *(MONTH_WIDTH for _ in MONTHS)), 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.print_title_rows = f"{self.title_row}:{self.title_row}"
        sheet.print_area = f"A1:{get_column_letter(LAST)}{self.row}"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
        sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top = sheet.page_margins.bottom = 0.4
        sheet.page_margins.footer = 0.2
        sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
        sheet.print_options.horizontalCentered = True
        sheet.sheet_view.showGridLines = False

    def _months_head(self, labels, span=1):
        for column in range(1, LAST + 1):
            self._cell(self.row, column, None, head=True)
        for column, label in enumerate(labels, 1):
            self._cell(self.row, column, label, head=True)
        if span > 1:
            self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=span)
        for month in MONTHS:
            self._cell(self.row, FIRST_MONTH + month - 1, f"{month}月", head=True)
        self.row += 1

    def _line(self, text, *, size, bold=False, height=None, colour=None):
        """One line of words over the whole width."""
        cell = self.sheet.cell(self.row, 1)
        write_text(cell, text)
        cell.font = Font(FONT, size, bold=bold, color=WORDS.get(colour, "1F2430"))
        cell.alignment = Alignment("left", "center", wrap_text=True)
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=LAST)
        self.sheet.row_dimensions[self.row].height = height or 17 * (len(text) // 105 + 1)
        self.row += 1

    def _cell(self, row, column, value, *, head=False, colour=None):
        cell = self.sheet.cell(row, column)
        is_now = self.picture.this_month and column == FIRST_MONTH + self.picture.this_month - 1
        cell.border = SINCE_NOW if is_now else BOXED
        cell.font = Font(FONT, 10, bold=head, color=WORDS[colour] if colour else "1F2430")
        if head or colour:
            cell.fill = PatternFill("solid", FILLS[colour or "grey"])
        centred = head or (column >= FIRST_MONTH and isinstance(value, str))
        is_number = isinstance(value, Decimal)
        cell.alignment = Alignment("center" if centred else "right" if is_number else "left", "center", wrap_text=True)
        if is_number:
            cell.value = Decimal(plain(value))
        elif value is not None:
            write_text(cell, value)


def picture_facts(picture):
    """Title and second line of the sheet."""
    battle_map = picture.battle_map
    project = battle_map.project
    facts = [
        project.number,
        f"责任单位：{project.department}",
        f"领衔市领导：{project.lead_leader}",
        f"{battle_map.year}年度",
        battle_map.get_state_display(),
    ]
    return f"{project.name} · 项目作战图", "　".join(facts)
