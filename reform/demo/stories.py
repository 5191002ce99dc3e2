"""The projects that the demo accounts work on, told step by step through the same functions as the pages."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import accumulate

from django.core.files.base import ContentFile

from accounts.models import Role
from reform.calendar import MONTHS
from reform.models import (
    BattleMap,
    BrandUpdate,
    MeasureIteration,
    PlanStatus,
    PlanUpdate,
    PromotionUpdate,
    TargetUpdate,
)
from workflow import clock
from workflow.actions import perform
from workflow.files import register_notice, save_files
from workflow.forms import ClassifiedNoticeForm

from .papers import MAKERS

# How a draft becomes what the texts say: who acts (entry, dept_reviewer or office_reviewer) and what they do.
SUBMIT, APPROVE = (Role.ENTRY, "submit"), (Role.DEPT_REVIEWER, "approve")
CONFIRM, ISSUE = (Role.OFFICE_REVIEWER, "confirm"), (Role.OFFICE_REVIEWER, "issue")
WAYS = {
    "draft": [],
    "submitted": [SUBMIT],
    "dept_approved": [SUBMIT, APPROVE],
    "confirmed": [SUBMIT, APPROVE, CONFIRM],
    "issued": [SUBMIT, APPROVE, CONFIRM, ISSUE],
    "rejected": [SUBMIT, (Role.DEPT_REVIEWER, "reject")],
    "office_rejected": [SUBMIT, APPROVE, (Role.OFFICE_REVIEWER, "reject")],
    "returned": [SUBMIT, APPROVE, (Role.OFFICE_REVIEWER, "send_back")],
}
# The share of a year's target for each month.
SHAPES = {
    "even": [1] * 12,
    "rising": [1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5],
    "later": [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 2, 1],
}
CLASSIFIED_EVERY = 9  # of plans done, one has evidence that must not be uploaded


class Story:
    """One project from its first map to today."""

    def __init__(self, city, text, project):
        self.city, self.text, self.project = city, text, project
        self.random = city.random
        self.clerk = city.actor(project, Role.ENTRY)
        # Achievements come after the first map.
        self.earliest = date(city.year - 1 - ("last_year" in text), 12, 31)

    def tell(self):
        state = self.text.get("map")
        if not state:
            return
        if state != "issued":
            self.draw(self.city.drawn_year, state, self.city.today - timedelta(days=self.random.randrange(2, 6)))
            return
        year = self.city.year
        if "last_year" in self.text:
            self.report(self.draw(year - 1, state, date(year - 2, 12, 22)))
        drawn = self.draw(year, state, date(year - 1, 12, 24))
        self.report(drawn)
        self.iterate(drawn)
        self.spread()

    def live(self, begin, state, last, decision=("", "")):
        """Let a record come to that state by the day `last`; `begin` makes the draft."""
        steps = WAYS[state]
        moments = self.city.diary.ending(last, max(len(steps), 1))
        with clock.standing_at(moments[0] - timedelta(minutes=self.random.randrange(20, 90))):
            record = begin()
            record.version += 1
            record.save()
        for (role, action), moment in zip(steps, moments, strict=False):
            words = dict(zip(("reason", "detail"), decision, strict=True)) if action in ("reject", "send_back") else {}
            actor = self.city.actor(self.project, role)
            address = f"10.21.{actor.department.position}.{20 + actor.pk % 200}"
            with clock.standing_at(moment):
                record = perform(record.pk, action, actor, record.version, address=address, **words)
        return record

    # --- The map ---------------------------------------------------------------------------------

    def draw(self, year, state, last):
        # What is drawn in the course of a year plans for what is left of it.
        first = self.city.today.month if year == self.city.year and state != "issued" else 1

        def begin():
            drawn = BattleMap.start(self.project, year, self.clerk)
            for place, indicator in enumerate(self.text["indicators"]):
                self.set_targets(drawn, place, first, indicator)
            for place, (content, plans) in enumerate(self.text["measures"]):
                measure = drawn.measures.create(position=place, content=content)
                for month, kind, plan, *name in plans:
                    measure.plans.create(
                        month=first + (month - 1) * (12 - first) // 11,
                        type=kind,
                        type_name=name[0] if name else "",
                        content=plan,
                    )
            return drawn

        return self.live(begin, state, last, self.text.get("decision", ("", "")))

    @staticmethod
    def set_targets(drawn, place, first, text):
        name, unit, annual, shape = text
        indicator = drawn.indicators.create(
            position=place, name=name, unit=unit, annual_target=Decimal(annual) if annual else None
        )
        for month, target in monthly_targets(annual, shape, first) if shape else []:
            indicator.targets.create(month=month, target=target)

    # --- What is reported each month --------------------------------------------------------------

    def report(self, drawn):
        """Target values and plans up to now: nearly all settled, and some of it in hand."""
        city, this_year = self.city, drawn.year == self.city.year
        state, last = self.text["latest"], city.today - timedelta(days=1)
        latest = city.today.month - (city.today.day < 15)
        if not this_year:
            latest, state, last = 12, state and "confirmed", city.diary.month_end(drawn.year, 12)
        elif not state and latest > 1:
            latest -= 1  # one month has been forgotten altogether
        for month in range(1, latest):
            self.live(partial(self.values, drawn, month), "confirmed", city.diary.month_end(drawn.year, month))
        if state and latest:
            self.live(partial(self.values, drawn, latest), state, last, self.text.get("decision", ("", "")))
        self.report_plans(drawn, this_year)

    def values(self, drawn, month):
        update = TargetUpdate.start(drawn, month, self.clerk)
        pace = Decimal(str(self.text.get("pace", 1)))
        for line in update.lines():
            reached = line.target * pace * self.random.randrange(94, 107) / 100
            line.value = rounded_like("0.0" if line.target % 1 else "0", reached)
            if line.lags:
                line.remark = self.random.choice(self.city.texts["remarks"])
            line.save()
        return update

    def report_plans(self, drawn, this_year):
        city = self.city
        plans = sorted(
            (plan for measure in drawn.measures.all() for plan in measure.plans.all()), key=lambda plan: plan.month
        )
        begun = [plan for plan in plans if not this_year or plan.month <= city.today.month]
        current = begun[-1]  # left undone, and the next one begun ahead of its month; in December the one before
        upcoming = (plans[len(begun)] if len(begun) < len(plans) else begun[-2]) if this_year else None
        for plan in begun:
            if plan not in (current, upcoming):
                last = min(city.diary.month_end(drawn.year, plan.month), city.today)
                if plan.month % 4 == 0:  # first it moved, a month before it was done
                    self.live(partial(self.plan_update, plan), "confirmed", last - timedelta(days=25))
                self.live(partial(self.plan_update, plan, PlanStatus.DONE), "confirmed", last)
        if not this_year:
            return
        state, yesterday = self.text["plan_update"], city.today - timedelta(days=1)
        if state in ("submitted", "dept_approved"):
            self.live(partial(self.plan_update, upcoming), state, yesterday)
        elif state:
            self.live(partial(self.plan_update, current), state, yesterday, self.text["plan_decision"])

    def plan_update(self, plan, status=PlanStatus.IN_PROGRESS):
        update = PlanUpdate.start(plan, self.clerk)
        update.status = status
        update.work_done, update.next_steps = self.city.texts["progress"][plan.type]
        update.difficulties = self.random.choice(self.city.texts["difficulties"])
        update.save()
        if status == PlanStatus.DONE:
            update.next_steps = ""
            self.city.plans_done += 1
            if self.city.plans_done % CLASSIFIED_EVERY:
                self.attach(update, f"{plan.content}佐证材料")
            else:
                register(update, self.clerk, f"关于{plan.content}有关情况的报告")
        return update

    # --- What happens beside the months ------------------------------------------------------------

    def iterate(self, drawn):
        for *content, days, state in self.text.get("iterations", []):
            self.live(partial(self.iteration, drawn, content), state, self.city.today - timedelta(days=days))

    def iteration(self, drawn, text):
        how, place, content, basis, (month, kind, plan) = text
        measure = list(drawn.measures.all())[place] if how == "edit" else None
        iteration = MeasureIteration.start(drawn, measure, self.clerk)
        iteration.content, iteration.basis = content, basis
        iteration.changes.create(month=month, type=kind, content=plan)
        return iteration

    def spread(self):
        """经验复制推广 and 品牌显示度."""
        for begin, texts in ((self.promotion, self.text["promotions"]), (self.brand, self.text["brands"])):
            for *content, days, state in texts:
                last = max(self.city.today - timedelta(days=days), self.earliest + timedelta(days=7))
                self.live(partial(begin, *content), state, last)

    def promotion(self, method, summary):
        update = PromotionUpdate.start(self.project, self.clerk)
        update.method, update.summary = method, summary
        update.promoted_on = clock.today() - timedelta(days=3)
        self.attach(update, f"{self.project.name}推广佐证材料")
        return update

    def brand(self, recognition, circumstances, results, detail):
        update = BrandUpdate.start(self.project, self.clerk)
        update.recognition, update.circumstances = recognition, circumstances
        update.results, update.recognition_detail = results, detail
        update.created_on = clock.today() - timedelta(days=10)
        self.attach(update, f"{self.project.name}获肯定情况")
        return update

    def attach(self, record, title):
        """A small file, each time of another format."""
        extension = list(MAKERS)[self.city.files % len(MAKERS)]
        self.city.files += 1
        file = ContentFile(MAKERS[extension](title), name=f"{title}.{extension}")
        _, troubles = save_files(record, self.clerk, [file], unclassified=True)
        if troubles:
            raise ValueError(str(troubles[0]))


def register(record, user, title):
    form = ClassifiedNoticeForm({"classified_title": title, "classified_sent_on": clock.today().isoformat()})
    if not form.is_valid():
        raise ValueError(str(form.errors))
    register_notice(record, user, form)


def monthly_targets(annual, shape, first):
    """Pairs (month, target) that add up to the annual target; nothing is wanted before the month `first`."""
    shares = [share if month >= first else 0 for month, share in zip(MONTHS, SHAPES[shape], strict=True)]
    if first == 12:
        shares = [0] * 11 + [1]
    so_far = Decimal(0)
    for month, share in zip(MONTHS, accumulate(shares), strict=True):
        reached = rounded_like(annual, Decimal(annual) * share / sum(shares))
        yield month, reached - so_far
        so_far = reached


def rounded_like(pattern, value):
    """The value with as many decimals as the text `pattern` has."""
    return value.quantize(Decimal("0.1") if "." in pattern else Decimal(1))
