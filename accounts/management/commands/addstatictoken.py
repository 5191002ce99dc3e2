"""`addstatictoken`: for a sole security administrator whose telephone and recovery codes are gone."""

from django.contrib.admin.models import CHANGE
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import history, second_factor
from accounts.management.commands.changepassword import named


class Command(BaseCommand):
    help = "在服务器上给一个账号加一个恢复码（只能用一次），显示出来。"

    def add_arguments(self, parser):
        parser.add_argument("phone", metavar="手机号", nargs="?")

    @transaction.atomic
    def handle(self, *, phone, **options):
        person = named(phone)
        code = second_factor.add_recovery_code(person)
        history.log(person, person, CHANGE, "在服务器上新增恢复码")
        self.stdout.write(f"{person}（{person.masked_phone}）的恢复码：{code}（只显示这一次，只能用一次）")
