"""What 经验复制推广 and 品牌显示度 share: a dated, evidenced achievement of a project. Recorded, never scored."""

from reform.calendar import today
from workflow.actions import create_record
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import State

from .battle_map import BattleMap
from .keys import parse_key, pick
from .plan_update import EVIDENCE
from .project import Project


class Achievement(Record):
    """A record of a project on its own day; `DATE` names the field of that day, `REQUIRED` all that 上报 needs."""

    DATE = ""
    REQUIRED: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.title = self.describe()
        super().save(*args, **kwargs)

    def describe(self):
        """What tells it from others of its kind in lists: the day, and which way."""
        day = getattr(self, self.DATE)
        ways = [getattr(self, f"get_{name}_display")() for name in self.REQUIRED if self._meta.get_field(name).choices]
        return " ".join([f"{day:%Y-%m-%d}", *ways] if day else ways).strip() or self._meta.verbose_name

    @classmethod
    def create(cls, project, user):
        """A new draft. Call it inside a transaction; raises ActionRefused."""
        return create_record(cls.draft, project, user)

    @classmethod
    def draft(cls, project, user):
        """An unsaved record of this project; raises ActionRefused."""
        if not BattleMap.objects.filter(dossier=project, state=State.ISSUED).exists():
            raise ActionRefused(f"项目作战图下发后，才能填报{cls._meta.verbose_name}。")
        return cls(dossier=project, creator=user, title=cls._meta.verbose_name)

    @classmethod
    def draft_from_key(cls, key, user):
        """An unsaved record of the project that a work item's key names; raises ActionRefused."""
        [project] = parse_key(key, 1)
        own = Project.objects.filter(department__in=user.assigned_department_ids)
        return cls.draft(pick(own, project, "这个项目"), user)

    def problems(self):
        found = []
        for name in self.REQUIRED:
            value = getattr(self, name)
            if not (value.strip() if isinstance(value, str) else value):
                label = self._meta.get_field(name).verbose_name
                verb = "选择" if self._meta.get_field(name).choices or name == self.DATE else "填写"
                found.append(Problem(name, f"请{verb}{label}。"))
        day = getattr(self, self.DATE)
        if day and day > today():
            found.append(Problem(self.DATE, f"{self._meta.get_field(self.DATE).verbose_name}不能晚于今天。"))
        if not self.has_evidence:
            found.append(Problem("files", EVIDENCE))
        return found

    def snapshot(self):
        values = {}
        for name in self.REQUIRED:
            field = self._meta.get_field(name)
            value = getattr(self, f"get_{name}_display")() if field.choices else getattr(self, name)
            values[name] = value.isoformat() if name == self.DATE and value else value or ""
        return values
