"""附件空间: how much of it each department has filled, where there is a limit (DEPARTMENT_QUOTA_MB)."""

from collections import Counter
from collections.abc import Mapping

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from accounts import clock
from accounts.models import Department, Role, User

from .models import Attachment, ContributedFile, Message
from .models.evidence import StoredFile, stored_models

MB = 1024 * 1024
WARNED_AT = 80  # percent
FULL = "{}的附件空间不足（共 {} MB，还剩 {}），请删除不再需要的草稿，或联系系统管理员。"


def used(department: int | None = None) -> Mapping[int, int]:
    """{department: bytes} of what its people have uploaded, removed files included: earlier submissions show them."""
    theirs = Q() if department is None else Q(department=department)
    people = dict(User.objects.filter(theirs).values_list("pk", "department"))
    uploaded = Q() if department is None else Q(uploader__in=list(people))
    kept: Counter[int] = Counter()
    for model in stored_models():
        kept.update(_by_person(model._default_manager.filter(uploaded)))
    # What a record has taken over lies on the disk once.
    given = ContributedFile.objects.all()
    taken = Attachment.objects.filter(record__in=given.values("contribution__record"), file__in=given.values("file"))
    kept.subtract(_by_person(taken.filter(uploaded)))
    total: Counter[int] = Counter()
    for person, size in kept.items():
        total[people[person]] += size
    return +total


def _by_person(rows: QuerySet[StoredFile]) -> dict[int, int]:
    """{person: bytes}: by person an index adds them up, by department it would not."""
    return dict(rows.filter(purged_at=None).order_by().values_list("uploader").annotate(Sum("size")))


def why_full(user: User, size: int) -> str:
    """Why this person's department may not store so many bytes more; "" where it may."""
    if not settings.DEPARTMENT_QUOTA_MB:
        return ""
    taken = used(user.department_id).get(user.department_id, 0)
    most = settings.DEPARTMENT_QUOTA_MB * MB
    is_refused = taken + size > most
    if is_refused or (taken + size) * 100 >= most * WARNED_AT:
        percent = (taken if is_refused else taken + size) * 100 // most
        _warn(user.department, percent, is_refused=is_refused)
    left = filesizeformat(max(0, most - taken)).replace("\xa0", " ")
    return FULL.format(user.department, settings.DEPARTMENT_QUOTA_MB, left) if is_refused else ""


def _warn(department: Department, percent: int, *, is_refused: bool) -> None:
    """Tell the system administrators, once a month and again when something had no room."""
    key = f"quota-{clock.today():%Y-%m}-{'full' if is_refused else 'near'}-{department.pk}"
    text = f"{department}的附件空间已用 {percent}%（共 {settings.DEPARTMENT_QUOTA_MB} MB）" + (
        "，有附件因空间不足没有保存，请尽快处理。" if is_refused else "，请提醒清理或调整额度。"
    )
    people = User.objects.filter(role=Role.SYSTEM_ADMIN, is_active=True)
    path = reverse("workflow:space")
    Message.objects.deliver([Message(recipient=person, key=key, text=text, path=path) for person in people])
