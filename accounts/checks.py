"""What `check --deploy` says about accounts."""

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def initial_password_is_random(**kwargs):
    if settings.INITIAL_PASSWORD == "random":
        return []
    return [
        checks.Warning(
            "INITIAL_PASSWORD is one fixed password for every new account (新账号的初始密码是固定的).",
            hint="Set INITIAL_PASSWORD=random: each new account gets a secret of its own, shown once.",
            id="accounts.W001",
        )
    ]
