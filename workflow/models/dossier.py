"""What records are filed in."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Department, User


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: User) -> Self:
        """Dossiers of departments assigned to this person, or of which their department is a partner."""
        if user.is_office_reviewer:
            return self
        if not user.is_department_staff:
            return self.none()
        return self.filter(Q(department__in=user.assigned_department_ids) | Q(pk__in=self.shared_with(user)))

    def shared_with(self, user: User) -> models.QuerySet:
        """The keys of those of which this person's department is a partner."""
        return Dossier.partners.through.objects.filter(department=user.department_id).values("dossier")


class Dossier(models.Model):
    """What records are about: one department answers for it, partner departments may read along."""

    name = models.CharField("项目名称", max_length=100)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="责任单位", related_name="dossiers")
    closed_at = models.DateTimeField("销号时间", null=True, editable=False)  # from then on nothing is filed
    partners = models.ManyToManyField(Department, verbose_name="配合单位", related_name="shared_dossiers", blank=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案卷"

    def __str__(self) -> str:
        return self.name
