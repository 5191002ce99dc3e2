"""What people do, and what they may do for a department."""

from django.db import models


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
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计员"
    DISPLAY = "display", "大屏展示账号"  # a screen on a wall: reads the cockpit and nothing else

    @property
    def is_administrative(self) -> bool:
        """One of the three administrators, none of whom has anything to do with records."""
        return self in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)

    @property
    def duty(self):
        """The duty that this role exercises, or None."""
        return {
            Role.ENTRY: Duty.ENTER,
            Role.DEPT_REVIEWER: Duty.REVIEW,
            Role.OFFICE_REVIEWER: Duty.CONFIRM,
        }.get(self)

    @property
    def title(self):
        """The label without its department, for where the department stands beside it."""
        return self.label.removeprefix("市级部门").removeprefix("市委改革办")
