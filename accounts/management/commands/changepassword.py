"""`changepassword`: for a sole administrator who cannot sign in. Whoever types it is not always the person."""

from django.contrib.admin.models import CHANGE
from django.contrib.auth.management.commands import changepassword
from django.db import transaction
from django.utils import timezone

from accounts import history
from accounts.locks import unlock
from accounts.models import User


class Command(changepassword.Command):
    help = "在服务器上重置一个账号的密码（首次登录须修改），并解除锁定、结束登录。"

    def handle(self, *args, **options):
        said = super().handle(*args, **options)
        with transaction.atomic():
            user = User.objects.select_for_update(of=("self",)).get(phone=options["username"])
            user.must_change_password = True
            user.password_set_at = timezone.now()  # an initial one that nobody used in time is no obstacle
            user.session_stamp += 1
            user.save(update_fields=["must_change_password", "password_set_at", "session_stamp"])
            unlock(user)
            history.log(user, user, CHANGE, "在服务器上重置密码")
        return said
