"""督办函: what the office sends about a matter that is overdue, one rung after another, each in its own series."""

from django.db import models
from django.urls import reverse

from accounts import clock
from accounts.models import Department, User
from accounts.sealing import SealedCharField

from .supervision_matter import SupervisionMatter


class Rung(models.IntegerChoices):
    REMIND = 1, "提示"
    ASSIGN = 2, "交办"
    URGE = 3, "催办"
    ORDER = 4, "责令"


# Days after its deadline from which each rung is proposed.
PROPOSED_FROM = {Rung.REMIND: 1, Rung.ASSIGN: 6, Rung.URGE: 11, Rung.ORDER: 21}
SERIES = {Rung.REMIND: "改办提", Rung.ASSIGN: "渝改办交", Rung.URGE: "渝改办催", Rung.ORDER: "渝改办令"}


class LetterSeries(models.Model):
    """The last number given in a series: locked while the next is given, so that none is given twice or left out."""

    rung = models.PositiveSmallIntegerField("督办方式", choices=Rung.choices)
    year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "文号序列"
        constraints = [models.UniqueConstraint(fields=["rung", "year"], name="one_series_per_rung_and_year")]

    def __str__(self):
        return f"{self.get_rung_display()}〔{self.year}〕"

    @classmethod
    def next_number(cls, rung, year):
        """The next number. Call it inside a transaction: if that fails, the number is given again."""
        cls.objects.get_or_create(rung=rung, year=year)
        series = cls.objects.select_for_update().get(rung=rung, year=year)
        series.last += 1
        series.save()
        return series.last


class SupervisionLetterQuerySet(models.QuerySet["SupervisionLetter"]):
    def visible_to(self, user):
        """Those about matters of this person's departments, all for the office: they are not for partners."""
        if user.is_office_reviewer:
            return self
        if not user.is_department_staff:
            return self.none()
        return self.filter(matter__department__in=user.assigned_department_ids)


class SupervisionLetter(models.Model):
    """A letter as it was sent; never changed."""

    matter = models.ForeignKey(SupervisionMatter, models.PROTECT, verbose_name="督办事项", related_name="letters")
    rung = models.PositiveSmallIntegerField("督办方式", choices=Rung.choices)
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("序号")
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="主送单位", related_name="+")
    department_name = models.CharField("主送单位名称", max_length=100)
    origin = models.CharField("事项来源", max_length=150)
    text = models.TextField("督办内容")
    deadline = models.DateField("原办理时限")
    requirement = models.TextField("办理要求")
    due_on = models.DateField("反馈时限")
    contact = models.CharField("联系人", max_length=50)
    phone = SealedCharField("联系电话", max_length=220)  # thirty characters, sealed
    issuer = models.CharField("签发人", max_length=50)
    issued_on = models.DateField("签发日期")
    sender = models.ForeignKey(User, models.PROTECT, verbose_name="发送人员", related_name="+")
    sent_at = models.DateTimeField("发送时间", default=clock.now)

    objects = SupervisionLetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办函"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["rung", "year", "number"], name="one_letter_per_number"),
            models.UniqueConstraint(fields=["matter", "rung"], name="one_letter_per_matter_and_rung"),
        ]

    def __str__(self):
        return self.document_number

    @property
    def document_number(self):
        return f"{SERIES[Rung(self.rung)]}〔{self.year}〕第{self.number}号"

    @property
    def title(self):
        return f"{self.get_rung_display()}函"

    def get_absolute_url(self):
        return reverse("reform:letter", args=[self.pk])
