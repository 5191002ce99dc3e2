"""Departments, people, and the duties that people hold for departments."""

from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from guardian.models import UserObjectPermissionBase, GroupObjectPermissionBase


class Duty(models.TextChoices):
    """What a person may do for a department; a guardian object permission of the same name."""

    ENTER = "enter_records", "录入"
    REVIEW = "review_records", "部门审核"
    CONFIRM = "confirm_records", "改革办审核"


class Role(models.TextChoices):
    """What a person does (manual 二). Duties say for which departments."""

    ENTRY = "entry", "市级部门录入人员"
    DEPT_REVIEWER = "dept_reviewer", "市级部门审核人员"
    OFFICE_REVIEWER = "office_reviewer", "市委改革办审核人员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    AUDITOR = "auditor", "审计员"

    @property
    def duty(self):
        """The duty that this role exercises, or None."""
        return {
            Role.ENTRY: Duty.ENTER,
            Role.DEPT_REVIEWER: Duty.REVIEW,
            Role.OFFICE_REVIEWER: Duty.CONFIRM,
        }.get(self)


class Department(models.Model):
    name = models.CharField("单位名称", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_office = models.BooleanField("市委改革办", default=False)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "责任单位"
        ordering = ["position", "name"]
        permissions = [(duty.value, duty.label) for duty in Duty]

    def __str__(self):
        return self.name
