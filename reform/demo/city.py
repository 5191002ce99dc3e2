"""Who lives in the demo city, and how it is founded."""

import json
from datetime import date, timedelta
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Department, Role, User
from reform.models import Domain, Project, Stage
from workflow import clock
from workflow.models import Message

from .backdrop import Backdrop
from .diary import Diary
from .stories import Story

FIXTURES = settings.BASE_DIR / "fixtures"
PASSWORD = "Demo-2026!"
NEWCOMER, NEWCOMER_PASSWORD = "13900000008", "123456"


def read_texts(name):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


class City:
    """The demo accounts with their projects, told one by one; and all the others, written in bulk around them.

    The same day and seed give the same city.
    """

    def __init__(self, *, projects, years, seed):
        self.texts = read_texts("demo_city")
        self.backdrop = Backdrop(self, read_texts("demo_backdrop"), projects - len(self.texts["projects"]), years)
        self.seed = seed
        self.now = clock.now()
        self.today = timezone.localdate(self.now)
        self.year = self.today.year
        self.random = Random(self.today.toordinal() + seed)  # noqa: S311  (nothing secret)
        self.diary = Diary(self.now, self.random)
        self.people = {}
        self.files = 0
        self.plans_done = 0

    def exists(self):
        return User.objects.filter(phone__in=[person[0] for person in self.texts["people"]]).exists()

    def build(self):
        with transaction.atomic():
            self.settle()
            for number, text in enumerate(self.texts["projects"], 1):
                Story(self, text, self.found(number, text)).tell()
            # What was said more than a week ago has been read.
            Message.objects.filter(created_at__lt=self.now - timedelta(days=7)).update(read_at=F("created_at"))
        self.backdrop.build()

    def settle(self):
        """Departments and people; the password is hashed once, for that takes its time by design."""
        names = [*self.texts["departments"], *self.backdrop.departments]
        self.departments = {
            name: Department.objects.get_or_create(name=name, defaults={"position": place, "is_office": place == 1})[0]
            for place, name in enumerate(names, 1)
        }
        password, initial = make_password(PASSWORD), make_password(NEWCOMER_PASSWORD)
        for phone, name, department, role in [*self.texts["people"], *self.backdrop.people(len(self.texts["people"]))]:
            user = User(phone=phone, full_name=name, department=self.departments[department], role=role)
            if phone == NEWCOMER:
                user.password = initial
            else:
                user.password, user.former_passwords, user.must_change_password = password, [password], False
            user.save()
            if phone != NEWCOMER:
                self.people.setdefault((department, role), []).append(user)

    def found(self, number, text):
        """The base info of a project, as the office would have entered it."""
        since = text["since"]
        if since == "last_year":
            start, adopted, recognised = self.year - 1, date(self.year - 2, 9, 18), date(self.year - 2, 11, 20)
        else:
            start = self.drawn_year
            adopted, recognised = self.today - timedelta(days=50), self.today - timedelta(days=24)
        adopted = adopted if text["plan"] else None
        stages = {"generated": Stage.GENERATED, "analysis": Stage.ANALYSIS}
        project = Project.objects.create(
            number=f"GG{start}{number:03}",
            name=text["name"],
            department=self.departments[text["department"]],
            start_year=start,
            end_year=start + 2,
            domain=Domain.objects.get_or_create(name=text["domain"])[0],
            lead_leader=text["leader"],
            plan_title=text["plan"],
            plan_number=f"市委改发〔{adopted.year}〕{number + 6}号" if adopted else "",
            adopted_on=adopted,
            stage=stages.get(since, Stage.ACCELERATED),
            recognised_on=None if since in stages else recognised,
        )
        project.partners.set(self.departments[name] for name in text["partners"])
        return project

    @property
    def drawn_year(self):
        """The year of maps that are being drawn: from November on the next one."""
        return self.year + (self.today.month > 10)

    def actor(self, project, role):
        """Of two reviewers of the office, each has their own departments."""
        if role == Role.OFFICE_REVIEWER:
            office = self.people["市委改革办", role]
            return office[project.department.position % 3 == 0]
        return self.people[project.department.name, role][0]
