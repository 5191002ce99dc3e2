"""Who took which part of a ledger out of the system; written once."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts import clock
from accounts.append_only import AppendOnly
from accounts.audit.entries import Action
from accounts.audit.writing import write


class LedgerExport(AppendOnly):
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="导出人员", related_name="+")
    actor_name = models.CharField("姓名", max_length=50)
    actor_department = models.CharField("单位", max_length=50)
    at = models.DateTimeField("时间", default=clock.now)
    ledger = models.CharField("台账", max_length=20)
    as_of = models.DateTimeField("数据截至")
    conditions = models.TextField("筛选条件", blank=True)
    rows = models.PositiveIntegerField("行数")
    address = models.GenericIPAddressField("来源地址", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "台账导出记录"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at"])]

    def __str__(self):
        return f"{self.actor_name} {self.ledger} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @classmethod
    def register(cls, user, address, **what):
        """Write down that this person takes `what` (ledger, as_of, conditions, rows) along."""
        cls.objects.create(
            actor=user, actor_name=user.full_name, actor_department=user.department.name, address=address, **what
        )
        facts = {
            "行数": what["rows"],
            "筛选条件": what.get("conditions", ""),
            "数据截至": f"{timezone.localtime(what['as_of']):%Y-%m-%d %H:%M}",
        }
        write(user, Action.EXPORT, what["ledger"], after=facts, address=address)
