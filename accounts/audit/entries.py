"""The rows of the audit log and the chain that holds them together."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.append_only import AppendOnly

EMPTY = "（空）"


class Action(models.TextChoices):
    SIGN_IN = "sign_in", "登录"
    SIGN_OUT = "sign_out", "退出登录"
    VISIT = "visit", "访问"  # in the log only where it was refused
    SEND = "send", "提交"
    STEP = "step", "流转"
    EDIT = "edit", "修改草稿"
    DISCARD = "discard", "删除草稿"
    UPLOAD = "upload", "上传文件"
    DOWNLOAD = "download", "下载文件"
    REMOVE = "remove", "移除文件"
    IMPORT = "import", "导入"
    EXPORT = "export", "导出"
    ADD = "add", "新增"
    CHANGE = "change", "修改"
    DELETE = "delete", "删除"
    REVEAL = "reveal", "查看手机号"
    LETTER = "letter", "发函"
    VERIFY = "verify", "校验日志"
    ADOPT = "adopt", "纳入旧日志"


class Result(models.TextChoices):
    DONE = "done", "成功"
    DENIED = "denied", "拒绝"
    FAILED = "failed", "失败"


class AuditEntry(AppendOnly):
    """One thing that somebody did or tried; people and things by their names then.

    `seal` is a keyed hash of all that the row says: a row that the product did not write has none that fits.
    """

    token = models.UUIDField("标识", default=uuid4, unique=True)  # no sealed row can be copied
    at = models.DateTimeField("时间", default=timezone.now)
    person = models.BigIntegerField("人员编号", null=True)  # no foreign key: the log outlives whom it names
    name = models.CharField("姓名", max_length=50, blank=True)
    department = models.CharField("单位", max_length=50, blank=True)
    role = models.CharField("角色", max_length=30, blank=True)
    action = models.CharField("操作", max_length=20, choices=Action)
    kind = models.CharField("对象类型", max_length=50, blank=True)
    key = models.CharField("对象编号", max_length=40, blank=True)
    title = models.CharField("对象", max_length=200, blank=True)
    before = models.JSONField("操作前", null=True)
    after = models.JSONField("操作后", null=True)
    result = models.CharField("结果", max_length=10, choices=Result)
    address = models.CharField("来源地址", max_length=45, blank=True)
    algorithm = models.CharField("算法", max_length=20)
    seal = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["result", "-id"], condition=~Q(result=Result.DONE), name="audit_result"),
        ]

    @property
    def changes(self) -> str:
        """单位：甲 → 乙；行数：3: what is known of before and after, in one line."""
        before, after = self.before or {}, self.after or {}
        both = before.keys() & after.keys()
        values = {**before, **after, **{label: f"{before[label] or EMPTY} → {after[label] or EMPTY}" for label in both}}
        return "；".join(f"{label}：{value}" for label, value in values.items())

    @property
    def tint(self) -> str:
        return {Result.DENIED: "amber", Result.FAILED: "red"}.get(Result(self.result), "green")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S} {self.name} {self.get_action_display()} {self.title}"


class AuditLink(AppendOnly):
    """The place of an entry in the chain; `hash` is keyed, over the place, the entry's seal and the `previous` hash."""

    position = models.BigIntegerField("序号", primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, verbose_name="日志", related_name="link")
    previous = models.CharField("前一校验值", max_length=64, blank=True)
    algorithm = models.CharField("算法", max_length=20)
    hash = models.CharField("链校验值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计日志链"
        ordering = ["position"]

    def __str__(self) -> str:
        return f"第 {self.position} 号"
