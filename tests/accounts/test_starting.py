"""Production does not start half-secured, and says why."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

STRONG = "v9m2Lr8tYd-qzwkxj-4hB7nQ1sWp6eRu3iOa5zXc0KfGtLy2Dm"


def start(*command, **environment):
    """A process that knows nothing of the tests' own environment."""
    bare = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={**bare, "PYTHONUTF8": "1", "VAR_DIR": str(settings.VAR_DIR), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"ALLOWED_HOSTS": "reform.example"}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short", "ALLOWED_HOSTS": "reform.example"}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": "a" * 60, "ALLOWED_HOSTS": "reform.example"}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": f"django-insecure-{STRONG}", "ALLOWED_HOSTS": "reform.example"}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example", "DEBUG": "1"}, "DEBUG must be off"),
        ({"SECRET_KEY": STRONG}, "ALLOWED_HOSTS must name each host"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name each host"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": ".gov.cn"}, "ALLOWED_HOSTS must name each host"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example,*.gov.cn"}, "ALLOWED_HOSTS must name each host"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "localhost,.gov.cn", "HTTPS": "off"}, "must name each host"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "0.0.0.0"}, "ALLOWED_HOSTS must name each host"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example", "HTTPS": "off"}, "HTTPS may be off on the loopback"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "localhost,10.1.2.3", "HTTPS": "off"}, "HTTPS may be off"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "ADMIN_ADDRESSES": "10.1.0.0/99"}, "must be networks"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "ADMIN_ADDRESSES": "10.1.2.3/16"}, "must be networks"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "ADMIN_ADDRESSES": "office"}, "must be networks"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "SECOND_FACTOR": "on"}, "must be off or required"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "AUDIT_ALGORITHM": "md5"}, "AUDIT_ALGORITHM is unknown"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "INITIAL_PASSWORD": ""}, "must not be empty"),
        # The address that an attacker names would count, and nobody could choose a password or stay signed in.
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "PROXY_COUNT": "-1"}, "PROXY_COUNT 应为不小于 0 的整数"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "PROXY_COUNT": ""}, "PROXY_COUNT 应为不小于 0 的整数"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "PASSWORD_MIN_KINDS": "5"}, "应为 1 至 4 的整数"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "SESSION_ABSOLUTE_HOURS": "0"}, "应为不小于 1 的整数"),
        # Plain http excuses nothing as soon as anybody else can reach it.
        ({"SECRET_KEY": "x", "ALLOWED_HOSTS": "localhost,10.1.2.3", "HTTPS": "off"}, "SECRET_KEY is weak"),
    ],
)
def test_production_refuses_to_start_and_says_why(environment, reason):
    started = start("-c", "import config.wsgi", DJANGO_SETTINGS_MODULE="config.settings", **environment)
    assert started.returncode != 0
    assert reason in started.stderr


def test_it_starts_when_all_is_said_and_on_the_loopback_address_with_less():
    for environment in (
        {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example"},
        {"SECRET_KEY": "x", "ALLOWED_HOSTS": "localhost,127.0.0.1", "HTTPS": "off"},
    ):
        started = start("-c", "import config.settings", **environment)
        assert (started.returncode, started.stderr) == (0, "")


def test_over_https_every_cookie_is_bound_to_this_host_and_closed_to_scripts():
    shown = start(
        "-c",
        "from config import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY,"
        " s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE)",
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="reform.example",
    )
    assert shown.stdout.split() == ["__Host-session", "__Host-csrf", *["True"] * 4, "Lax", "Lax"]


@pytest.mark.parametrize(("password", "warned"), [("123456", True), ("random", False)])
def test_the_deployment_check_warns_while_the_initial_password_is_fixed(password, warned):
    checked = start(
        *("manage.py", "check", "--deploy", "--tag", "security"),
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="reform.example",
        INITIAL_PASSWORD=password,
    )
    assert checked.returncode == 0
    assert ("accounts.W001" in checked.stderr) == warned


@pytest.mark.django_db
def test_every_cookie_that_is_set_is_closed_to_scripts(client, django_user_model):
    from tests.factories import PASSWORD, UserFactory

    user = UserFactory()
    client.post("/login/", {"username": user.phone, "password": PASSWORD})
    assert set(client.cookies) == {"sessionid", "csrftoken", "last"}
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert not cookie["domain"]


@pytest.mark.django_db
def test_accounts_need_no_further_migration():
    call_command("makemigrations", "accounts", check=True, dry_run=True, verbosity=0)
