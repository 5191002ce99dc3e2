from django.core.management.base import BaseCommand, CommandError

from accounts.audit.anchors import add_anchor
from accounts.audit.former import adopt_former_logs


class Command(BaseCommand):
    help = "Appends the end of the audit log to the file of anchors; for cron, each hour."

    def handle(self, *args, **options):
        adopt_former_logs()
        try:
            anchor = add_anchor()
        except OSError as error:
            raise CommandError(f"没有锚定：锚点文件（AUDIT_ANCHORS）不能读写：{error}。") from error
        self.stdout.write(f"第 {anchor.position} 号 {anchor.hash}" if anchor else "审计日志为空，没有锚定。")
