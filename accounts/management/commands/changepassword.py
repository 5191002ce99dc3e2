"""`changepassword`: for a sole administrator who cannot sign in. Whoever types it is not always the person."""

from getpass import getpass

from django.contrib.admin.models import CHANGE
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import history
from accounts.locks import unlock
from accounts.models import User

TRIES = 3


class Command(BaseCommand):
    help = "在服务器上重置一个账号的密码（首次登录须修改），并解除锁定、结束登录。"

    def add_arguments(self, parser):
        parser.add_argument("phone", metavar="手机号", nargs="?")

    def handle(self, *, phone, **options):
        person = named(phone)
        self.stdout.write(f"重置{person}（{person.masked_phone}）的密码。")
        password = self._ask(person)
        with transaction.atomic():
            user = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
            user.set_password(password)
            user.must_change_password = True
            user.password_set_at = timezone.now()  # an initial one that nobody used in time is no obstacle
            user.session_stamp += 1
            user.save(update_fields=["password", "must_change_password", "password_set_at", "session_stamp"])
            unlock(user)
            history.log(user, user, CHANGE, "在服务器上重置密码")
        self.stdout.write("密码已重置，账号已解除锁定。登录后须先修改密码。")

    def _ask(self, person):
        for _ in range(TRIES):
            try:
                password = getpass("新密码：")
                again = getpass("再输入一次：")
            except (EOFError, KeyboardInterrupt) as error:
                raise CommandError("已中断，密码没有改动。") from error
            if password != again:
                self.stderr.write("两次输入的新密码不一致。")
                continue
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError(f"{TRIES} 次都没有成功，密码没有改动。")


def named(phone: str | None) -> User:
    """Raises CommandError where nobody has that number."""
    if not phone:
        raise CommandError("请在命令后写明账号的手机号。")
    person = User.objects.filter(phone=phone).first()
    if person is None:
        raise CommandError(f"没有手机号为 {phone} 的账号。")
    return person
