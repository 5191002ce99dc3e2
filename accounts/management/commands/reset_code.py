"""`reset_code`: for a sole security administrator whose telephone and recovery codes are gone."""

from django.contrib.admin.models import CHANGE
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import history, second_factor
from accounts.management.commands.changepassword import named


class Command(BaseCommand):
    help = "在服务器上重置一个账号的动态口令，下次登录时重新绑定，并结束登录。"

    def add_arguments(self, parser):
        parser.add_argument("phone", metavar="手机号", nargs="?")

    @transaction.atomic
    def handle(self, *, phone, **options):
        person = named(phone)
        second_factor.reset(person)
        history.log(person, person, CHANGE, "在服务器上重置动态口令")
        self.stdout.write(f"已重置{person}（{person.masked_phone}）的动态口令和恢复码，下次登录时重新绑定。")
