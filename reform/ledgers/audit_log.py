"""审计日志 as .xlsx."""

from django.db.models import QuerySet
from django.utils import timezone

from .base import NUMBER, Column
from .plain import PlainExtract


class AuditExtract(PlainExtract):
    """`entries` know their `position` in the chain."""

    label = "审计日志"
    columns = (
        Column("序号", lambda entry: entry.position, 8, NUMBER),
        Column("时间", lambda entry: timezone.localtime(entry.at).isoformat(" ", "seconds"), 26),
        Column("姓名", lambda entry: entry.name, 12),
        Column("单位", lambda entry: entry.department, 20),
        Column("角色", lambda entry: entry.role, 16),
        Column("操作", lambda entry: entry.get_action_display(), 12),
        Column("对象类型", lambda entry: entry.kind, 16),
        Column("对象编号", lambda entry: entry.key, 10),
        Column("对象", lambda entry: entry.title, 40),
        Column("操作前后", lambda entry: entry.changes, 50),
        Column("结果", lambda entry: entry.get_result_display(), 8),
        Column("来源地址", lambda entry: entry.address, 16),
        Column("校验值", lambda entry: entry.seal, 30),
    )

    def __init__(self, entries: QuerySet, conditions: list[str]):
        super().__init__(entries, conditions, f"导出时间 {timezone.localtime().isoformat(' ', 'seconds')}")
