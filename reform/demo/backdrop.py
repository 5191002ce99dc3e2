"""The rest of the city: departments, people and projects without a story, made of parts and written in bulk."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from accounts.models import Role
from reform.calendar import MONTHS
from reform.models import Domain, Project, Stage
from workflow.models import Dossier

from .lives import Papers
from .rows import Batch
from .years import MapYear

PROJECTS_AT_ONCE = 20  # bounds the memory
FIRST_PHONE = 13900000001
OFFICE = "市委改革办"


class Backdrop:
    def __init__(self, city, texts, projects, years):
        self.city, self.texts, self.projects, self.years = city, texts, projects, years
        self.departments = [department["name"] for department in texts["departments"]]
        self.themes = [
            (department, theme)
            for place in range(max(len(department["themes"]) for department in texts["departments"]))
            for department in texts["departments"]
            for theme in department["themes"][place : place + 1]
        ]

    def people(self, known):
        """A clerk and a reviewer for each department: phone, name, department, role."""
        surnames, given = self.texts["surnames"], self.texts["given"]
        pairs = [(name, role) for name in self.departments for role in (Role.ENTRY, Role.DEPT_REVIEWER)]
        for place, (department, role) in enumerate(pairs):
            name = surnames[place * 7 % len(surnames)] + given[place * 11 % len(given)]
            yield str(FIRST_PHONE + known + place), name, department, role

    def build(self):
        self.domains = {domain.name: domain for domain in Domain.objects.all()}
        self.batch, self.papers = Batch(), Papers("改革工作佐证材料")
        for number in range(self.projects):
            ProjectStory(self, number).tell()
            if number % PROJECTS_AT_ONCE == PROJECTS_AT_ONCE - 1:
                self.batch.write()
        self.batch.write()

    @property
    def first_year(self):
        """That of the first maps: its reports, or half of them, lie within the years asked for."""
        return (self.city.today - timedelta(days=366 * self.years - 200)).year


class ProjectStory:
    """One project of the backdrop, from its beginning to today."""

    def __init__(self, backdrop, number):
        self.backdrop, self.number = backdrop, number
        self.city, self.texts = backdrop.city, backdrop.texts
        self.batch, self.papers = backdrop.batch, backdrop.papers
        self.random = Random(f"{self.city.seed} {self.city.today} {number}")  # noqa: S311  (nothing secret)
        self.diary = self.city.diary.for_another(self.random)
        place, turn = number % len(backdrop.themes), number // len(backdrop.themes)
        self.department, (self.theme, *self.indicator) = backdrop.themes[place]
        health = self.random.random()
        self.is_slow = health < 0.2
        self.is_eager = health > 0.6  # reports before it must
        low, high = (55, 85) if self.is_slow else (84, 96) if health < 0.45 else (96, 112)
        self.pace = Decimal(self.random.randrange(low, high)) / 100
        forms, areas = self.texts["forms"], self.texts["areas"]
        self.name = f"{self.theme}{forms[turn % len(forms)]}{areas[turn // len(forms) % len(areas)]}"

    def tell(self):
        self.project = self.found()
        self.actors = {role: self.city.actor(self.project, role) for role in (Role.ENTRY, Role.DEPT_REVIEWER)}
        self.actors[Role.OFFICE_REVIEWER] = self.city.actor(self.project, Role.OFFICE_REVIEWER)
        if self.project.stage != Stage.ACCELERATED:
            return
        for year in range(self.project.start_year, min(self.project.end_year, self.city.drawn_year) + 1):
            MapYear(self, year).tell()

    def found(self):
        """The base info, as the office would have entered it."""
        city, random = self.city, self.random
        stage = random.choices((Stage.ANALYSIS, Stage.GENERATED, Stage.ACCELERATED), (7, 7, 86))[0]
        first = self.backdrop.first_year
        start = first if random.random() < 0.75 else random.randrange(first, city.drawn_year + 1)
        adopted = date(start - 1, random.randrange(4, 10), random.randrange(1, 29))
        if random.random() < 0.15:  # some come in the course of their first year
            adopted += timedelta(days=random.randrange(90, 240))
        adopted = min(adopted, city.today - timedelta(days=40))
        recognised = min(adopted + timedelta(days=random.randrange(20, 50)), city.today - timedelta(days=2))
        decided = stage != Stage.ANALYSIS
        project = self.batch.make(
            Project,
            number=f"GG{start}{len(city.texts['projects']) + self.number + 1:03}",
            name=self.name,
            department=city.departments[self.department["name"]],
            start_year=start,
            end_year=max(start + 2, city.year + random.randrange(3)),
            domain=self.backdrop.domains[self.department["domain"]],
            lead_leader=random.choice(self.texts["leaders"]),
            plan_title=f"{self.name}实施方案" if decided else "",
            plan_number=f"市委改发〔{adopted.year}〕{self.number + 40}号" if decided else "",
            adopted_on=adopted if decided else None,
            stage=stage,
            recognised_on=recognised if stage == Stage.ACCELERATED else None,
        )
        others = [department for department in city.departments.values() if department.pk != project.department_id]
        for department in random.sample(others, random.randrange(4)):
            self.batch.make(Dossier.partners.through, dossier_id=project.pk, department_id=department.pk)
        return project

    def indicators(self):
        """Name, unit and annual target: that of the theme, and some that fit every theme."""
        common = self.random.sample(self.texts["indicators"], self.random.randrange(1, 4))
        for name, unit, annual in [self.indicator, *common]:
            yield name.format(theme=self.theme), unit, annual

    def months_told(self, year):
        """The months whose values are reported: where it goes badly, the last that is over has been forgotten."""
        city = self.city
        if self.is_slow and year == city.year and self.random.random() < 0.4:
            return range(1, max(city.today.month - 1, 1))
        return MONTHS

    def is_forgotten(self, year, month):
        """Whether a plan is still open after its month: few, and nearly all of them where it goes badly."""
        over = (year, month) < (self.city.year, self.city.today.month)
        return over and year == self.city.year and self.is_slow and self.random.random() < 0.06
