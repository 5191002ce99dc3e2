"""The first account of an empty database: its pages are opened by somebody who is there already."""

from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import history, initial_password
from accounts.advisory_locks import lock_until_commit
from accounts.models import Department, Role, User

ADDED = "在服务器上新增"


class Command(BaseCommand):
    help = "新增第一名系统管理员及其所在的单位，显示初始密码；已有在用的系统管理员时不作改动。"

    def add_arguments(self, parser):
        parser.add_argument("phone", metavar="手机号")
        parser.add_argument("full_name", metavar="姓名")
        parser.add_argument("department", metavar="单位名称", nargs="?", default="市委改革办")

    @transaction.atomic
    def handle(self, *, phone, full_name, department, **options):
        lock_until_commit("administrators")
        if User.objects.filter(role=Role.SYSTEM_ADMIN, is_active=True).exists():
            raise CommandError("已有在用的系统管理员：新的账号由其在“人员账号”中新增。")
        place = Department.objects.filter(name=department).first()
        is_new = place is None
        if place is None:
            place = Department(name=department, is_office=not Department.objects.filter(is_office=True).exists())
        try:
            if is_new:
                place.full_clean()
                place.save()
            user = User(phone=phone, full_name=full_name, department=place, role=Role.SYSTEM_ADMIN)
            user.set_initial_password()
            user.full_clean()
        except ValidationError as error:
            raise CommandError(_sentences(error)) from error
        user.save()
        for added in ([place] if is_new else []) + [user]:
            history.log(user, added, ADDITION, ADDED)
        self.stdout.write(f"已新增系统管理员：{user}（{user.masked_phone}），{place}。{initial_password.notice(user)}")


def _sentences(error):
    labels = {"phone": "手机号：", "full_name": "姓名：", "name": "单位名称："}
    return "".join(labels.get(name, "") + "".join(found) for name, found in error.message_dict.items())
