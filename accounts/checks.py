"""What `check --deploy` says about accounts."""

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection, models
from django.db.models.functions import Cast

from accounts.administration import is_separated
from accounts.models import User
from accounts.phones import is_phone
from accounts.sealing import seal, unseal


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


@checks.register(checks.Tags.security, deploy=True)
def keys_are_random(**kwargs):
    """A warning only: what the key has sealed already needs it as it is."""
    return [
        checks.Warning(
            f"{name} is weak ({name} 太弱).",
            hint="Take 50 random characters; for another PHONE_KEY see seal_phones; a key in use of the log stays.",
            id="accounts.W004",
        )
        for name in ("AUDIT_KEY", "PHONE_KEY")
        if (key := getattr(settings, name)) and (len(key) < 50 or len(set(key)) < 5)
    ]


@checks.register(checks.Tags.security, deploy=True)
def clock_is_real(**kwargs):
    if settings.CLOCK is None:
        return []
    return [
        checks.Warning(
            "CLOCK sets another date than today's for what is due, late and reported (设置了培训用的时钟 CLOCK).",
            hint="Take CLOCK away, unless this is a training.",
            id="accounts.W005",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def administrators_are_three(**kwargs):
    """As far as there is a database already."""
    try:
        if is_separated():
            return []
    except DatabaseError:
        return []
    return [
        checks.Warning(
            "Nobody active is 安全管理员: the system administrator authorises accounts too (没有在用的安全管理员).",
            hint="Let the system administrator add an account with that role; the two parts are then separate.",
            id="accounts.W003",
        )
    ]


@checks.register(checks.Tags.database)
def phone_key_fits(databases=None, **kwargs):
    """Nobody could sign in while the key is not the one that telephone numbers were sealed with."""
    if not databases or User._meta.db_table not in connection.introspection.table_names():
        return []
    people = User.objects.filter(is_active=True).order_by("-pk")
    stored = people.values_list(Cast("phone", models.TextField()), flat=True).first()
    if stored is None:
        return []
    plain = unseal(stored, settings.PHONE_KEY)
    if is_phone.regex.match(plain) and seal(plain, settings.PHONE_KEY) == stored:
        return []
    return [
        checks.Error(
            "Telephone numbers are not stored as PHONE_KEY says (手机号的存放方式与 PHONE_KEY 不符，无人能够登录).",
            hint="Run manage.py seal_phones, with FORMER_PHONE_KEY if the key was changed or taken away.",
            id="accounts.E002",
        )
    ]
