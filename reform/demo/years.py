"""One map of the backdrop, and what is reported of it in its year."""

from datetime import date, timedelta

from django.utils.text import Truncator

from accounts.models import Role
from reform.calendar import MONTHS, month_start
from reform.models import (
    BattleMap,
    BrandUpdate,
    Indicator,
    Measure,
    MeasureIteration,
    MonthlyPlan,
    MonthlyTarget,
    PlanChange,
    PlanStatus,
    PlanUpdate,
    PromotionUpdate,
    TargetUpdate,
    TargetValue,
)

from .lives import Flaw, Life
from .rows import Rows, relate
from .stories import SHAPES, monthly_targets, rounded_like

LATE, EARLY, INTERIM, REVISED, ITERATED = 0.05, 0.08, 0.25, 0.03, 0.25
DAYS_TO_ITERATE = 3  # months from an iteration to the first plan that it touches: nothing of that is reported yet


class MapYear:
    def __init__(self, story, year):
        self.story, self.year = story, year
        self.city, self.random, self.diary, self.batch = story.city, story.random, story.diary, story.batch

    def tell(self):
        opens = max(date(self.year - 1, 11, 3), self.story.project.recognised_on + timedelta(days=3))
        begun = self.diary.on(opens, self.random.randrange(28))
        if begun > self.city.now:
            return
        self.first = begun.month + 1 if begun.year == self.year else 1
        if self.first > len(MONTHS):
            return
        self.issued = self.draw(begun)
        if not self.issued:
            return
        self.drawn.issued_at = self.issued
        calendar = self.diary.calendar
        self.terms = {month: calendar.term(self.year, month, self.issued) for month in MONTHS}
        self.iterate()
        self.report_values()
        self.report_plans()
        self.spread()

    def begin(self, model, begun, **values):
        """A draft and its life."""
        record = self.batch.make(
            model,
            kind=model._meta.label_lower,
            dossier_id=self.story.project.pk,
            creator_id=self.story.actors[Role.ENTRY].pk,
            **values,
        )
        return record, Life(self.story, record, begun)

    def begun_before(self, at):
        """When the clerk began what was submitted then: mostly within the hour, at times days before."""
        ahead = timedelta(minutes=self.random.randrange(20, 90))
        if self.random.random() < 0.2:
            ahead += timedelta(days=self.random.randrange(1, 4))
        return max(at - ahead, self.issued + timedelta(minutes=5))

    # --- The map ---------------------------------------------------------------------------------

    def draw(self, begun):
        """Returns when it was issued, or None."""
        self.drawn, life = self.begin(
            BattleMap, begun, project_id=self.story.project.pk, year=self.year, title=f"{self.year}年度项目作战图"
        )
        relate(self.drawn, indicators=Rows(), measures=Rows())
        for place, text in enumerate(self.story.indicators()):
            self.add_indicator(place, *text)
        texts = self.random.sample(self.story.texts["measures"], self.random.randrange(6, 13))
        for place, (aspect, content) in enumerate(texts):
            measure = self.add_measure(place, content.format(theme=self.story.theme))
            kinds = list(self.story.texts["plans"])
            chosen = sorted(self.random.sample(range(len(kinds)), self.random.randrange(4, 9)))
            months = sorted(self.random.choices(range(self.first, 13), k=len(chosen)))
            for kind, month in zip(chosen, months, strict=True):
                self.add_plan(measure, month=month, type=kinds[kind], content=self.plan_text(kinds[kind], aspect))
        first = self.drawn.measures.all()[0]
        submitted = self.diary.after(begun, self.random.randrange(2, 12))
        confirmed = life.go(submitted, Flaw(first, "content", first.content.partition("，")[0] + "。"))
        return confirmed and life.issue(confirmed)

    def add_indicator(self, place, name, unit, annual):
        indicator = self.batch.make(
            Indicator, battle_map_id=self.drawn.pk, position=place, name=name, unit=unit, annual_target=annual
        )
        shape = self.random.choice(list(SHAPES))
        targets = Rows(
            self.batch.make(MonthlyTarget, indicator_id=indicator.pk, month=month, target=target)
            for month, target in monthly_targets(annual, shape, self.first)
        )
        indicator.annual_target = sum(target.target for target in targets)
        self.drawn.indicators.all().append(relate(indicator, targets=targets))

    def add_measure(self, place, content):
        measure = self.batch.make(Measure, battle_map_id=self.drawn.pk, position=place, content=content)
        self.drawn.measures.all().append(relate(measure, plans=Rows()))
        return measure

    def add_plan(self, measure, **content):
        plan = self.batch.make(MonthlyPlan, measure_id=measure.pk, **content)
        measure.plans.all().append(plan)
        return plan

    def plan_text(self, kind, aspect):
        return self.story.texts["plans"][kind].format(theme=self.story.theme, aspect=aspect)

    # --- Progress values, month by month ------------------------------------------------------------

    def report_values(self):
        free = self.issued  # a clerk begins a month when the one before is settled
        for month in self.story.months_told(self.year):
            term = self.terms[month]
            if self.random.random() < LATE:
                at = self.diary.on(term.closes + timedelta(days=1), self.random.randrange(6))
            else:
                opens = term.opens - timedelta(days=8 if self.story.is_eager else 0)
                at = self.diary.on(max(opens, self.issued.date()), self.random.randrange(5))
            free = self.values(month, max(at, free + timedelta(minutes=90)))
            if free and self.random.random() < REVISED:
                free = self.values(month, self.diary.after(free, 2), revision=2)
            if not free:
                return

    def values(self, month, at, revision=1):
        """Returns when they were confirmed, or None."""
        begun = self.begun_before(at)
        if begun > self.city.now:
            return None
        title = f"{self.year}年{month}月进度值" + (f"（第{revision}次更新）" if revision > 1 else "")
        update, life = self.begin(
            TargetUpdate, begun, battle_map_id=self.drawn.pk, month=month, revision=revision, title=title
        )
        values = Rows()
        relate(update, values=values)
        for indicator in self.drawn.indicators.all():
            line = self.batch.make(TargetValue, update=update, indicator=indicator)
            pattern = "0.0" if line.target % 1 else "0"
            line.value = rounded_like(pattern, line.target * self.story.pace * self.random.randrange(94, 107) / 100)
            if line.lags:
                line.remark = self.random.choice(self.city.texts["remarks"])
            values.append(line)
        wrong = Flaw(values[0], "value", values[0].value * 10)
        confirmed = life.go(at, wrong, late=lambda day: revision == 1 and day > self.terms[month].closes)
        if confirmed:
            for line in values:
                line.indicator.by_month()[month].actual = line.value
        return confirmed

    # --- Monthly plans -------------------------------------------------------------------------------

    def report_plans(self):
        plans = [plan for measure in self.drawn.measures.all() for plan in measure.plans.standing()]
        for plan in plans:
            self.report_plan(plan, self.story.is_forgotten(self.year, plan.month))

    def report_plan(self, plan, forgotten):
        month_began = month_start(self.year, plan.month)
        closes = self.terms[plan.month].closes
        told = []
        if self.random.random() < INTERIM or forgotten:
            at = self.diary.on(month_began.date() + timedelta(days=self.random.randrange(-25, 20)))
            if not self.plan_update(plan, at, PlanStatus.IN_PROGRESS, told, closes):
                return
        if forgotten:
            return
        chance = self.random.random()
        if chance < LATE:
            at = self.diary.on(closes + timedelta(days=1), self.random.randrange(8))
        elif chance < LATE + EARLY:
            at = self.diary.on(month_began.date() - timedelta(days=self.random.randrange(3, 15)))
        else:
            ahead = self.random.randrange(8 if self.story.is_eager else 0, 25)
            at = self.diary.on(max(closes - timedelta(days=ahead), month_began.date()))
        self.plan_update(plan, at, PlanStatus.DONE, told, closes)

    def plan_update(self, plan, at, status, told, closes):
        """Whether it has been confirmed by now; nothing is said before the map's issue or the update before."""
        free = told[-1].updated_at if told else self.issued
        at = max(at, free + timedelta(minutes=90))
        begun = max(self.begun_before(at), free)
        if begun > self.city.now:
            return False
        done, further = self.city.texts["progress"][plan.type]
        update, life = self.begin(
            PlanUpdate,
            begun,
            plan_id=plan.pk,
            title=f"{self.year}年{plan.month}月 {plan.type_label}",
            status=status,
            work_done=done,
            difficulties=self.random.choice(self.city.texts["difficulties"]),
            next_steps="" if status == PlanStatus.DONE else further,
        )
        if status == PlanStatus.DONE:
            life.attach(plan.content, begun)
        began = month_start(self.year, plan.month)
        confirmed = life.go(
            at,
            Flaw(update, "work_done", done.partition("\n")[0]),
            late=lambda day: day > closes and not any(earlier.submitted_at >= began for earlier in told),
        )
        told.append(update)
        if confirmed:
            plan.status = status
        return bool(confirmed)

    # --- What happens beside the months --------------------------------------------------------------

    def iterate(self):
        month = self.random.randrange(max(3, self.issued.month + 1 if self.issued.year == self.year else 3), 13)
        if self.random.random() > ITERATED or month + DAYS_TO_ITERATE > len(MONTHS):
            return
        at = self.diary.on(date(self.year, month, self.random.randrange(5, 20)))
        begun = self.begun_before(at)
        if begun > self.city.now:
            return
        addition, basis = self.random.choice(self.story.texts["iterations"])
        measure = None if self.random.random() < 0.3 else self.random.choice(self.drawn.measures.all())
        what = f"编辑举措：{Truncator(measure.content).chars(40)}" if measure else "新增举措"
        iteration, life = self.begin(
            MeasureIteration,
            begun,
            battle_map_id=self.drawn.pk,
            measure=measure,
            is_new=measure is None,
            content=f"{measure.content if measure else f'健全{self.story.theme}长效机制。'}{addition}",
            basis=basis,
            title=f"{self.year}年度 {what}",
        )
        relate(iteration, changes=Rows())
        self.change_plans(iteration, month + DAYS_TO_ITERATE)
        confirmed = life.go(at, Flaw(iteration, "basis", "根据工作需要调整。"))
        if confirmed:
            self.apply(iteration, confirmed)

    def change_plans(self, iteration, first):
        """One plan later or cancelled, and one more; none that something may have been reported of."""
        standing = iteration.measure.plans.all() if iteration.measure else []
        later = [plan for plan in standing if plan.month >= first]
        touched = self.random.choice(later) if later else None
        for plan in standing:
            change = self.batch.make(PlanChange, iteration_id=iteration.pk, plan=plan)
            change.copy_content(plan)
            if plan is touched:
                change.cancelled = plan.month == len(MONTHS)
                change.month = min(plan.month + 1, len(MONTHS))
            iteration.changes.all().append(change)
        added = self.batch.make(
            PlanChange,
            iteration_id=iteration.pk,
            month=self.random.randrange(first, 13),
            type="evaluation",
            content=self.plan_text("evaluation", "迭代举措"),
        )
        iteration.changes.all().append(added)

    def apply(self, iteration, confirmed):
        """What `MeasureIteration.on_confirmed` does."""
        if iteration.is_new:
            place = max(measure.position for measure in self.drawn.measures.all()) + 1
            iteration.measure = self.add_measure(place, iteration.content)
        else:
            iteration.before = iteration.baseline().snapshot
            iteration.measure.content = iteration.content
        for change in iteration.changes.all():
            if not change.touches:
                continue
            change.before = change.plan.content_values() if change.plan else {}
            if change.plan is None:
                change.plan = self.add_plan(iteration.measure, **change.content_values())
            elif change.cancelled:
                change.plan.cancelled_at = confirmed
            else:
                change.plan.copy_content(change)

    def spread(self):
        """经验复制推广 and 品牌显示度."""
        texts = self.story.texts
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            method, summary = self.random.choice(list(texts["promotions"].items()))
            self.achieve(PromotionUpdate, method=method, summary=summary.format(theme=self.story.theme))
        if self.random.random() < 0.25:
            recognition, circumstances, results, detail = self.random.choice(texts["brands"])
            self.achieve(
                BrandUpdate,
                recognition=recognition,
                circumstances=circumstances.format(theme=self.story.theme),
                results=results,
                recognition_detail=detail,
            )

    def achieve(self, model, **content):
        at = self.diary.on(date(self.year, 1, 4) + timedelta(days=self.random.randrange(350)))
        begun = self.begun_before(at)
        if at < self.issued + timedelta(days=1) or begun > self.city.now:
            return
        content[model.DATE] = begun.date() - timedelta(days=self.random.randrange(1, 8))
        record, life = self.begin(model, begun, **content)
        record.title = record.describe()
        life.attach(f"{self.story.theme}{model._meta.verbose_name.removesuffix('推进更新')}", begun)
        field = model.REQUIRED[-1]
        life.go(at, Flaw(record, field, getattr(record, field).partition("，")[0] + "。"))
