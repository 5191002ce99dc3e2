"""通报: numbered within its series and year, drafted from confirmed data, and kept as it was issued."""

from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Q

from accounts import clock
from accounts.models import Department, User
from reform.calendar import Period
from workflow.models.evidence import StoredFile


class Series(models.TextChoices):
    PROGRESS = "progress", "重大改革项目推进情况通报"
    UNREPORTED = "unreported", "重大改革项目未报情况通报"


class BulletinSeries(models.Model):
    """One row per series, locked while a number is given or given back."""

    kind = models.CharField("系列", max_length=20, choices=Series.choices, primary_key=True)

    class Meta:
        verbose_name = verbose_name_plural = "通报系列"

    def __str__(self) -> str:
        return self.get_kind_display()

    @classmethod
    def lock(cls, kind: str) -> None:
        """Nobody else numbers this series until the transaction ends."""
        cls.objects.get_or_create(kind=kind)
        cls.objects.select_for_update().get(kind=kind)


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def visible_to(self, user: User) -> Self:
        """The office sees drafts too; departments what was issued to them."""
        if user.is_office_reviewer:
            return self
        if not user.is_department_staff:
            return self.none()
        to_us = Q(departments=None) | Q(departments=user.department_id)
        return self.filter(to_us, issued_at__isnull=False).distinct()

    def issued(self) -> Self:
        return self.filter(issued_at__isnull=False)


class Bulletin(models.Model):
    """A draft until its file is uploaded. `content` is what the page and the document show (see reform.bulletins);
    `sources` are the keys of the rows behind each figure, as they were when the draft was made.
    """

    series = models.CharField("系列", max_length=20, choices=Series.choices)
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveSmallIntegerField("期号")
    period_key = models.CharField("期间", max_length=10)
    dated = models.DateField("印发日期")
    addressed_to = models.CharField("主送", max_length=200, default="各责任单位")
    departments = models.ManyToManyField(Department, verbose_name="发送单位", related_name="bulletins", blank=True)
    content: Any = models.JSONField("正文", default=dict)
    words = models.TextField("通报内容", blank=True, editable=False)  # the same without links, to be searched
    sources: Any = models.JSONField("数据来源", default=dict)
    as_of = models.DateTimeField("数据截至", default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="拟稿人", related_name="+")
    made_at = models.DateTimeField("拟稿时间", default=clock.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="印发人", related_name="+", null=True
    )
    issued_at = models.DateTimeField("印发时间", null=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报"
        ordering = ["-year", "-pk"]
        constraints = [models.UniqueConstraint(fields=["series", "year", "number"], name="unique_bulletin_number")]

    def __str__(self) -> str:
        return f"{self.get_series_display()} {self.issue_words}"

    @property
    def issue_words(self) -> str:
        return f"{self.year}年第{self.number}期"

    @property
    def period(self) -> Period:
        found = Period.parse(self.period_key)
        assert found is not None  # noqa: S101 - only what `Period.key` writes is kept
        return found

    @property
    def title(self) -> str:
        matter = "未报情况" if self.series == Series.UNREPORTED else "推进情况"
        return f"关于{self.period.words}市级重大改革项目{matter}的通报"

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def file(self) -> "BulletinFile | None":
        """The issued one."""
        return self.files.current().last()

    @classmethod
    @transaction.atomic
    def begin(cls, user: User, series: str, period: Period, **fields: Any) -> "Bulletin":
        """A new draft with the next number of its series in the year of its date."""
        BulletinSeries.lock(series)
        year = fields["dated"].year
        last = cls.objects.filter(series=series, year=year).aggregate(last=Max("number"))["last"] or 0
        return cls.objects.create(
            series=series, year=year, number=last + 1, period_key=period.key, made_by=user, **fields
        )

    @transaction.atomic
    def discard(self) -> bool:
        """Give the number back; False where that would leave a gap, or what was issued would go."""
        BulletinSeries.lock(self.series)
        found = Bulletin.objects.filter(pk=self.pk, issued_at=None).first()
        later = Bulletin.objects.filter(series=self.series, year=self.year, number__gt=self.number)
        if found is None or later.exists():
            return False
        found.delete()
        return True


class BulletinFile(StoredFile):
    """The bulletin as it was issued."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, verbose_name="通报", related_name="files")

    class Meta:
        verbose_name = verbose_name_plural = "通报文件"
        ordering = ["pk"]


class WordTemplate(StoredFile):
    """A template that the office put in the place of ours; the last one that stands is used."""

    class Kind(models.TextChoices):
        BULLETIN = "bulletin", "通报"
        ONE_PAGE = "one_page", "领导一页纸"
        MEETING = "meeting", "上会材料"

    kind = models.CharField("用途", max_length=20, choices=Kind.choices)

    class Meta:
        verbose_name = verbose_name_plural = "Word 模板"
        ordering = ["pk"]
