"""Accounts long out of use lose what is personal; for cron, every day."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import leavers
from reform.models import PendingImport
from workflow.models import CommonOpinion, Message


class Command(BaseCommand):
    help = "停用满 LEAVERS_ANONYMISED_AFTER_DAYS 天的账号，清除手机号等个人信息；姓名、办理记录和审计日志不变"

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="只列出，不清除")

    def handle(self, *, dry_run, **options):
        if not settings.LEAVERS_ANONYMISED_AFTER_DAYS:
            self.stdout.write("没有设置 LEAVERS_ANONYMISED_AFTER_DAYS，不清除。")
            return
        done = set()
        for user in leavers.due().select_related("department"):
            self.stdout.write(f"{user.full_name}（{user.department}），{user.inactive_since:%Y-%m-%d} 停用")
            if not dry_run:
                with transaction.atomic():
                    leavers.anonymise(user)
                    Message.objects.filter(recipient=user).delete()
                    CommonOpinion.objects.filter(person=user).delete()
                    PendingImport.objects.filter(user=user).delete()
                done.add(user.pk)
        if done:
            leavers.end_sessions_of(done)
        self.stdout.write(f"已清除 {len(done)} 人的个人信息。" if not dry_run else "没有清除。")
