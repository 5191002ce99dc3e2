"""驾驶舱: what stands on it, each figure with the page of its records."""

from collections import Counter, defaultdict
from functools import cached_property
from itertools import starmap
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Count, Q
from django.urls import reverse

from reform.calendar import MONTHS, Period, today
from reform.models import BattleMap, BrandUpdate, PromotionUpdate
from reform.models.brand import Recognition
from reform.reporting.rates import Rates, overall
from workflow.states import SETTLED, State

from . import month_lights
from .project_cache import ProjectCache
from .rows import PROJECT_COLUMNS, WORDS, Dot, Low, PlanMonth, ProjectRow, Tile, Unit, change_words
from .situation import situation
from .year_figures import added, plan_months, rates, shares

ORDER = ("green", "amber", "red", "grey")
SHEET_PROJECTS = 10  # on one A4
ATTENTION, UNITS, LATEST, LOW = 8, 10, 6, 5  # rows shown


class Cockpit:
    # Seconds: what happens is on the page within a minute, which says as of when it is, and new names are in ten.
    FRESH_FOR, KEPT_FOR = 60, 10 * 60

    def __init__(self, form):
        self.form, self.period, self.day = form, form.chosen_period, today()
        self.year = self.period.year
        self._cache = ProjectCache()

    @cached_property
    def key(self):
        """Tells the page from that of another choice, and from that before something happened."""
        seen = cache.get_or_set("cockpit", self._cache.seen, self.FRESH_FOR)
        return [*seen, self.period.key, *self._query.items()]

    @cached_property
    def situation(self):
        return situation(self._cache)

    @property
    def at(self):
        return self.situation.at

    @cached_property
    def projects(self):
        return list(starmap(ProjectRow, self.form.projects().order_by("number").values_list(*PROJECT_COLUMNS)))

    @cached_property
    def _projects_url(self):
        return reverse("reform:projects")

    def project_url(self, pk):
        """As `reverse` has it, which takes a second for the thousands of a page."""
        return f"{self._projects_url}{pk}/"

    @cached_property
    def ids(self):
        return {project.pk for project in self.projects}

    @property
    def _by_project(self):
        """Of rows that lead to a project by `dossier`: those of the projects asked for."""
        return Q(dossier__in=self.form.projects().order_by().values("pk"))

    def _of_projects(self, read, *arguments):
        """{project: what `read` finds of it with these arguments}."""
        return self._cache.get(read, *arguments).facts

    @property
    def is_past(self):
        """Whether the period was over before this month: its lights are those of its last month's end."""
        return self.period.ends < self.day.replace(day=1)

    def prepare(self):
        """Have read what is kept for the day, which takes seconds where there are thousands of projects."""
        return self.situation, self.shares, self.rates, self.plan_months

    # --- Tiles ----------------------------------------------------------------------------------

    @cached_property
    def tiles(self):
        return [self._number(), self._share(), self._in_time(), self._overdue(), self._promotions(), self._brands()]

    def _number(self):
        maps = BattleMap.objects.filter(self._by_project, state=State.ISSUED, year=self.year)
        return Tile(
            "重大改革项目", str(len(self.projects)), f"已下发{self.year}年作战图 {maps.count()}", self.list_url()
        )

    def _share(self):
        share, number = self.shares["all"]
        if share is None or not self.through:  # no month of it is over
            return Tile("核心指标完成率", "—", f"累计完成类 {number} 项", self.ledger_url("indicators"))
        ahead = round(share - self.pace, 1)
        return Tile(
            "核心指标完成率",
            f"{share:.1f}%",
            f"累计完成类 {number} 项　序时 {self.pace:.1f}%　{'超' if ahead >= 0 else '差'} {abs(ahead)}",
            self.ledger_url("indicators"),
            is_bad=ahead < 0,
        )

    def _in_time(self):
        rows = [row for row in self.plan_months if row.month in self.period.months and row.rate is not None]
        now = rows[-1].rate if rows else None
        before = next((row.rate for row in reversed(self.plan_months[: rows[-1].month - 1])), None) if rows else None
        change = "年内累计" if before is None else change_words(now - before)
        url = self.ledger_url("plans")
        is_bad = before is not None and now < before
        return Tile("月度计划按期完成率", "—" if now is None else f"{now}%", change, url, is_bad=is_bad)

    def _overdue(self):
        found = [standing.overdue for _, standing in self.by_risk if standing.overdue]
        url = self.list_url(sort="risk")
        now = "现在" if self.is_past else ""  # whatever the period, it is today's
        return Tile("逾期计划", str(sum(found)), f"{now}涉及 {len(found)} 个项目", url, is_bad=bool(found))

    def _achieved(self, model):
        day, last = model.DATE, Period(self.year, self.period.last, self.period.last)
        found = model.objects.filter(self._by_project, state__in=SETTLED)
        within = Q(**{f"{day}__range": (self.period.starts, self.period.ends)})
        this_month = Q(**{f"{day}__range": (last.starts, last.ends)})
        return found.filter(within), this_month

    def _promotions(self):
        found, this_month = self._achieved(PromotionUpdate)
        counts = found.aggregate(all=Count("pk"), month=Count("pk", filter=this_month))
        note = f"{self.period.last}月 +{counts['month']}"
        return Tile("经验复制推广", str(counts["all"]), note, self.ledger_url("promotions", state=State.CONFIRMED))

    def _brands(self):
        found, _ = self._achieved(BrandUpdate)
        ways = {way.value: Count("pk", filter=Q(recognition=way)) for way in Recognition}
        counts = found.aggregate(all=Count("pk"), **ways)
        note = f"全国性肯定 {counts[Recognition.NATIONAL]}　央媒 {counts[Recognition.MEDIA]}"
        return Tile("品牌显示度", str(counts["all"]), note, self.ledger_url("brands", state=State.CONFIRMED))

    # --- Indicators ---------------------------------------------------------------------------------

    @cached_property
    def through(self):
        """The last month of the period that is over; 0 before the first."""
        over = self.day.month - 1 if self.year == self.day.year else 12 if self.year < self.day.year else 0
        return min(self.period.last, over)

    @property
    def pace(self):
        return self.through / 12 * 100

    @cached_property
    def shares(self):
        """{"all" or domain: (average share of the year's target in percent, how many)}, of 累计完成 alone."""
        found = self._of_projects(shares, self.year, self.through)
        by_domain = defaultdict(list)
        for project in self.projects:
            if project.pk in found:
                by_domain[project.domain_id].append(found[project.pk])
        numbers = {domain: added(rows) for domain, rows in by_domain.items()}
        total, count = added([(0.0, 0), *numbers.values()])
        averages = {domain: (total / count * 100, count) for domain, (total, count) in numbers.items()}
        return averages | {"all": (total / count * 100 if count else None, count)}

    @cached_property
    def domains(self):
        """(name, share in percent, how many indicators, address), in the order of the domains."""
        found = {(project.domain_position, project.domain_id, project.domain) for project in self.projects}
        return [
            (name, round(self.shares[pk][0], 1), self.shares[pk][1], self.list_url(domain=pk))
            for _, pk, name in sorted(found)
            if pk in self.shares
        ]

    # --- Lights -----------------------------------------------------------------------------------

    @cached_property
    def dots(self):
        if self.is_past:
            colours = month_lights.colours_at_end((self.year, self.period.last))
            lit = {pk: (colour, f"{self.period.last}月末{WORDS[colour]}") for pk, colour in colours.items()}
        else:
            lit = {pk: (found.colour, found.reason) for pk, found in self.situation.standings.items()}
        return [
            Dot(project, *lit[project.pk], self.project_url(project.pk))
            for project in self.projects
            if project.pk in lit
        ]

    @property
    def legend(self):
        """(colour, word, how many)."""
        numbers = Counter(dot.colour for dot in self.dots)
        return [(colour, WORDS[colour], numbers[colour]) for colour in ORDER]

    @cached_property
    def history(self):
        """(月, {colour: how many}) of the year's month ends that are written."""
        found = month_lights.counts(self.form.projects(), (self.year, 1), (self.year, 12))
        return [(month, [found[self.year, month][colour] for colour in ORDER]) for _, month in sorted(found)]

    # --- Reports ------------------------------------------------------------------------------------

    @cached_property
    def rates(self):
        """{department: Rates} of what was due in the period, of these projects."""
        found, months = self._of_projects(rates, self.year, self.day), set(self.period.months)
        by_department = defaultdict(list)
        for project in self.ids & found.keys():
            for (department, month), numbers in found[project].items():
                if month in months:
                    by_department[department].append(numbers)
        return {department: Rates(*added(numbers)) for department, numbers in by_department.items()}

    @property
    def reported(self):
        return overall(self.rates.values())

    # --- Monthly plans --------------------------------------------------------------------------------

    @cached_property
    def plan_months(self):
        found = self._of_projects(plan_months, self.year, self.day)
        own = [found[pk] for pk in self.ids & found.keys()]
        months, due_so_far, in_time_so_far = [], 0, 0
        for month in MONTHS:
            rows = (numbers[month] for numbers in own if month in numbers)
            due, done, on_time, over_due, over_on_time = added([(0, 0, 0, 0, 0), *rows])
            due_so_far, in_time_so_far = due_so_far + over_due, in_time_so_far + over_on_time
            rate = round(in_time_so_far / due_so_far * 100, 1) if over_due else None
            url = self.ledger_url("plans", period=Period(self.year, month, month).key)
            months.append(PlanMonth(month, due, done, on_time, rate, url))
        return months

    @property
    def has_plans(self):
        return any(row.due for row in self.plan_months)

    # --- Who needs attention ------------------------------------------------------------------------

    @cached_property
    def by_risk(self):
        found = self.situation.standings
        lit = [(project, found[project.pk]) for project in self.projects if project.pk in found]
        return sorted(lit, key=lambda pair: (pair[1].risk, -pair[1].overdue, -pair[1].lagging, pair[0].number))

    @property
    def attention(self):
        """(project, how it stands, address) of red and amber ones, the worst first."""
        rows = [pair for pair in self.by_risk if pair[1].colour in ("red", "amber")]
        return [(project, found, self.project_url(project.pk)) for project, found in rows[:ATTENTION]]

    @cached_property
    def units(self):
        """The departments by risk."""
        own = defaultdict(list)
        for project, found in self.by_risk:
            numbers = 1, found.overdue, found.lagging, found.colour == "red"
            own[project.department_id, project.department].append(numbers)
        units = [
            Unit(name, *added(numbers), self.rates.get(pk, Rates()).on_time, self.page_url(department=pk))
            for (pk, name), numbers in own.items()
        ]
        return sorted(units, key=lambda unit: (-unit.overdue, -unit.lagging, -unit.projects, unit.name))

    @property
    def worst_units(self):
        return self.units[:UNITS]

    @property
    def other_units(self):
        return self.units[UNITS:]

    @cached_property
    def lows(self):
        """Indicators of this year that will miss their target as it goes, the lowest share first."""
        if self.year != self.day.year:
            return []
        return [miss for miss in self.situation.misses if miss.project in self.ids]

    def _first_lows(self, number):
        projects = {project.pk: project for project in self.projects}
        return [
            Low(projects[miss.project], miss.name, miss.words, f"{self.project_url(miss.project)}#map")
            for miss in self.lows[:number]
        ]

    @property
    def lowest(self):
        return self._first_lows(LOW)

    @property
    def achievements(self):
        """(what, day, address, project) of the latest within the period."""
        found = []
        for model in (PromotionUpdate, BrandUpdate):
            records, _ = self._achieved(model)
            day = model.DATE
            for record in records.select_related("dossier").order_by(f"-{day}", "-pk")[:LATEST]:
                way = record.get_method_display() if model is PromotionUpdate else record.get_recognition_display()
                url = reverse("workflow:record", args=[record.pk])
                found.append((getattr(record, day), record.dossier.name, way, url))
        return sorted(found, key=lambda row: row[0], reverse=True)[:LATEST]

    # --- On one sheet of paper

    @property
    def page_rows(self):
        return self.by_risk[:SHEET_PROJECTS]

    @property
    def page_rest(self):
        return len(self.by_risk[SHEET_PROJECTS:])

    @property
    def page_lows(self):
        return self._first_lows(4)

    @property
    def page_achievements(self):
        return self.achievements[:3]

    # --- Addresses ------------------------------------------------------------------------------------

    def list_url(self, **more):
        """The list of these projects."""
        query = self._query | more
        return f"{reverse('reform:projects')}?{urlencode(query)}" if query else reverse("reform:projects")

    def ledger_url(self, name, **more):
        """The ledger, narrowed as the cockpit is."""
        query = {"period": self.period.key} | self._query | more
        return f"{reverse('reform:ledger', args=[name])}?{urlencode(query)}"

    @property
    def _query(self):
        """What narrows the projects, as it stands in addresses."""
        return {name: getattr(value, "pk", value) for name, value in self.form.chosen.items()}

    def page_url(self, **who):
        return f"{reverse('reform:cockpit_page')}?{urlencode({'period': self.period.key} | who)}"

    # --- For the charts -------------------------------------------------------------------------------

    @property
    def charts(self):
        plans = self.plan_months
        return {
            "plans": {
                "months": [f"{row.month}月" for row in plans],
                "due": [row.due for row in plans],
                "done": [row.done for row in plans],
                "rate": [row.rate for row in plans],
                "urls": [row.url for row in plans],
            },
            "lights": {
                "months": [f"{month}月末" for month, _ in self.history],
                "series": [
                    {"colour": colour, "name": WORDS[colour], "data": [numbers[place] for _, numbers in self.history]}
                    for place, colour in enumerate(ORDER)
                ],
                "urls": [self._history_url(month) for month, _ in self.history],
            },
        }

    def _history_url(self, month):
        period = Period(self.year, month, month).key
        return f"{reverse('reform:cockpit')}?{urlencode({'period': period} | self._query)}#lights"

    @property
    def history_rows(self):
        """(月, address, how many by colour)."""
        return [(month, self._history_url(month), numbers) for month, numbers in self.history]
