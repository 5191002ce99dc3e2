"""导出 Excel of the picture of a map: one sheet, A3 on its side."""

from decimal import Decimal

from xlsxwriter import Workbook

from reform.calendar import MONTHS
from reform.excel import A3, BOXED, HIGHEST_ROW, MIDDLE, Formats, row_height, write_string
from reform.indicators import SHARE_OF_YEAR, SHARE_SO_FAR, floored
from reform.models.measure import names_of
from workflow.formats import plain

SINCE_NOW = {"left": 2, "left_color": "B3202C"}  # the line at the current month
FILLS = {
    "green": "E6F4EC",
    "blue": "E8F0FA",
    "amber": "FDF3E1",
    "red": "FBEEEE",
    "grey": "F0F1F4",
}
BLACK = "1F2430"
WORDS = {"green": "217346", "blue": "2860A8", "amber": "8A5200", "red": "B3202C", "grey": "5B6270"}
FACTS = ("核心指标", "计量单位", "年度目标值", "累计进度", SHARE_OF_YEAR, SHARE_SO_FAR, "亮灯", "")
SHARES = (4, 5)  # of the columns
FIRST_MONTH = len(FACTS)
LAST = FIRST_MONTH + len(MONTHS) - 1
WIDTHS = (24, 9, 11, 11, 13, 13, 9, 8)
MONTH_WIDTH = 11
# What may be printed on, in millimetres; a letter of width is so many points wide, the edges of a column as wide as
# that part of a letter, a plain row so high.
PAPER, LETTER, EDGES, PLAIN_ROW = (400, 277), 5.25, 5 / 7, 15


def write(picture, file):
    """Write the workbook into `file`."""
    with Workbook(file, {"in_memory": True}) as book:
        sheet = _Sheet(book, picture)
        sheet.head()
        sheet.indicators()
        sheet.measures()
        sheet.notes()
        sheet.fill_the_page()
        sheet.set_up()


class _Sheet:
    """Rows and columns are counted from 0."""

    def __init__(self, book, picture):
        self.sheet, self.picture = book.add_worksheet(f"{picture.battle_map.year}年度作战图"), picture
        self.formats = Formats(book)
        self.row = 0
        self.heights = {}  # {row: points}, of those that are not plain

    def head(self):
        project, drawn = picture_facts(self.picture)
        self._line(project, height=34, font_size=18, bold=True)
        self._line(drawn)
        self._line(f"{self.picture.as_of_line}{self.picture.light.word}：{self.picture.light.why}", height=30)
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
            for column, value in enumerate(facts):
                colour = card.light.colour if column == len(facts) - 1 else None
                self._merged((top, column, top + 1, column), value, colour=colour)
            for row, label in ((top, "目标值"), (top + 1, "进度值")):
                self._cell(row, FIRST_MONTH - 1, label)
            months = _by_month(card)
            for column, (above, below, colour) in enumerate(months, FIRST_MONTH):
                self._cell(top, column, above)
                self._cell(top + 1, column, below, colour=colour)
            heights = [row_height([(texts[place], MONTH_WIDTH) for texts in months]) for place in (0, 1)]
            missing = row_height(list(zip(facts, WIDTHS, strict=False))) - sum(heights)
            for row, height in enumerate(heights, top):
                self.heights[row] = height + max(0, missing / 2)
            self.row += 2
        self.row += 1

    def measures(self):
        self._months_head(("具体举措",))
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
            self._merged((top, 0, top + lines - 1, FIRST_MONTH - 1), text)
            for line in range(lines):
                for column in range(FIRST_MONTH, LAST + 1):
                    self._cell(top + line, column, None)
            for month, chips in row.months:
                for line, chip in enumerate(chips):
                    original = f"（原定{chip.plan.original_month}月）" if chip.plan.original_month else ""
                    words = f"{chip.plan.type_label or '未选类型'}\n{chip.light.word}{original}"
                    self._cell(top + line, FIRST_MONTH + month - 1, words, colour=chip.light.colour)
            wanted = 15 * (len(text) // 38 + 1) + 6
            for line in range(lines):
                self.heights[top + line] = max(32, wanted / lines)
            self.row += lines
        self.measure_rows = range(first, self.row)
        self.row += 1

    def notes(self):
        legend = "　".join(word for _, word in self.picture.legend)
        self._line(f"图例：{legend}" if self.picture.is_issued else "作战图下发后亮灯。")
        for what, light in self.picture.warnings:
            self._line(f"{what}　{light.word}：{light.why}", font_color=WORDS.get(light.colour, BLACK))

    def fill_the_page(self):
        """Rows of measures share what a small map leaves of the paper."""
        letters = sum(WIDTHS) + MONTH_WIDTH * len(MONTHS) + EDGES * (LAST + 1)
        used = sum(self.heights.get(row, PLAIN_ROW) for row in range(self.row))
        left = letters * LETTER * PAPER[1] / PAPER[0] * 0.96 - used
        if left > 0 and self.measure_rows:
            for row in self.measure_rows:
                self.heights[row] = min(self.heights[row] + left / len(self.measure_rows), HIGHEST_ROW)

    def set_up(self):
        sheet = self.sheet
        for row, height in self.heights.items():
            sheet.set_row(row, height)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.set_column(FIRST_MONTH, LAST, MONTH_WIDTH)
        sheet.repeat_rows(self.title_row)
        sheet.print_area(0, 0, self.row, LAST)
        sheet.set_paper(A3)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
        sheet.set_footer("&R第 &P 页，共 &N 页", {"margin": 0.2})
        sheet.center_horizontally()
        sheet.hide_gridlines(2)  # on the screen, too

    def _months_head(self, labels):
        if len(labels) == 1:
            self._merged((self.row, 0, self.row, FIRST_MONTH - 1), *labels, head=True)
        else:
            for column, label in enumerate(labels):
                self._cell(self.row, column, label, head=True)
        for month in MONTHS:
            self._cell(self.row, FIRST_MONTH + month - 1, f"{month}月", head=True)
        self.row += 1

    def _line(self, text, *, height=None, **look):
        """One line of words over the whole width."""
        found = self.formats.of(**{"font_color": BLACK, "align": "left"} | MIDDLE | look)
        self.sheet.merge_range(self.row, 0, self.row, LAST, "", found)
        write_string(self.sheet, self.row, 0, text, found)
        self.heights[self.row] = height or 17 * (len(text) // 105 + 1)
        self.row += 1

    def _merged(self, place, value, **look):
        """One cell over a (first row, first column, last row, last column) of several."""
        self.sheet.merge_range(*place, "", self._look(place[1], value, **look))
        self._cell(*place[:2], value, **look)

    def _cell(self, row, column, value, **look):
        found = self._look(column, value, **look)
        if value is None or value == "":
            self.sheet.write_blank(row, column, None, found)
        elif isinstance(value, Decimal):
            self.sheet.write_number(row, column, Decimal(plain(value)), found)
        else:
            write_string(self.sheet, row, column, value, found)

    def _look(self, column, value, *, head=False, colour=None):
        is_now = self.picture.this_month and column == FIRST_MONTH + self.picture.this_month - 1
        centred = head or (column >= FIRST_MONTH and isinstance(value, str))
        look = {
            "bold": head,
            "font_color": WORDS[colour] if colour else BLACK,
            "align": "center" if centred else "right" if isinstance(value, Decimal) else "left",
        }
        if head or colour:
            look["bg_color"] = FILLS[colour or "grey"]
        if isinstance(value, Decimal) and column in SHARES:
            look["num_format"] = "0.0%"
        return self.formats.of(**look | BOXED | MIDDLE | (SINCE_NOW if is_now else {}))


def _by_month(card):
    """[(target, what was reached, its colour)] of the months, in numbers or words."""
    indicator = card.indicator
    points = {point.month: point.colour for point in card.line.actuals} if card.line else {}
    found = []
    for bar in card.bars:
        row = indicator.by_month().get(bar.month)
        if indicator.is_qualitative and row:
            found.append((row.words, row.get_state_display(), None))
        else:
            colour = None if bar.actual is None else points.get(bar.month, bar.colour)
            found.append((bar.target, bar.actual, colour))
    return found


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
