"""What `check --deploy` says about accounts."""

from django.conf import settings
from django.core import checks

from accounts.audit.chain import ALGORITHMS


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


@checks.register(checks.Tags.security, deploy=True)
def audit_key_is_separate(**kwargs):
    if settings.AUDIT_KEY:
        return []
    return [
        checks.Warning(
            "AUDIT_KEY is derived from SECRET_KEY (审计日志的密钥由 SECRET_KEY 推出，更换后无法校验此前的日志).",
            hint="Set AUDIT_KEY to 50 random characters, keep it apart from the database, and never change it.",
            id="accounts.W002",
        )
    ]


@checks.register(checks.Tags.security)
def audit_algorithm_is_known(**kwargs):
    if settings.AUDIT_ALGORITHM in ALGORITHMS:
        return []
    return [
        checks.Error(
            f"AUDIT_ALGORITHM must be one of {', '.join(ALGORITHMS)} (审计日志的算法不可用).",
            id="accounts.E001",
        )
    ]
