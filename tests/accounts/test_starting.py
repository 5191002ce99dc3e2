"""Production does not start half-secured, and says why."""

import os
import re
import shutil
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

STRONG = "v9m2Lr8tYd-qzwkxj-4hB7nQ1sWp6eRu3iOa5zXc0KfGtLy2Dm"

BUCKET = {
    "SECRET_KEY": STRONG,
    "ALLOWED_HOSTS": "a.example",
    "S3_BUCKET": "uploads",
    "S3_ACCESS_KEY": "a",
    "S3_SECRET_KEY": "b",
}


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
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "SESSION_ABSOLUTE_HOURS": "0"}, "应为 1 至 36500 的整数"),
        # Nothing would be answered, or another database be taken.
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "https://a.example"}, "ALLOWED_HOSTS must be bare names"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example:443"}, "ALLOWED_HOSTS must be bare names"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example b.example"}, "ALLOWED_HOSTS must be bare names"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "CSRF_TRUSTED_ORIGINS": "a.example"}, "must be origins"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "HTTPS": "maybe"}, "HTTPS must be on or off"),
        (
            {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "DATABASE_URL": "mysql://db/reform"},
            "DATABASE_URL must",
        ),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "DATABASE_URL": "postgres://u:p@db:x/r"}, "DATABASE_URL"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "VAR_DIR": "/dev/null"}, "VAR_DIR 不能使用"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "CLAMD": ":3310"}, "CLAMD must be"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "INTRANET_MAILBOX": ""}, "INTRANET_MAILBOX must not"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "SESSION_ABSOLUTE_HOURS": "9" * 12}, "应为 1 至 36500"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "CLAMD": "scanner:99999"}, "CLAMD must be"),
        # It would start, and then answer nobody, take no form, or give everybody the same password.
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example."}, "ALLOWED_HOSTS must be bare names"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "CSRF_TRUSTED_ORIGINS": "https://a/"}, "must be origins"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "INITIAL_PASSWORD": "Random"}, "must be random"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "DATABASE_URL": "postgres://u:p@db"}, "DATABASE_URL"),
        # A file taken for a host, another place for files on each machine.
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "DATABASE_URL": "sqlite://tmp/x.db"}, "DATABASE_URL"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "a.example", "S3_ENDPOINT": "https://store"}, "S3_BUCKET is not set"),
        (BUCKET | {"S3_SECRET_KEY": ""}, "the keys of S3 are not set"),
        (BUCKET | {"S3_ENDPOINT": "store:9000"}, "S3_ENDPOINT must be an address"),
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
        BUCKET | {"S3_ENDPOINT": "http://minio:9000", "CSRF_TRUSTED_ORIGINS": "https://a.example:8443"},
    ):
        started = start("-c", "import config.settings", **environment)
        assert (started.returncode, started.stderr) == (0, "")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("sqlite:///here.db", str(settings.BASE_DIR / "here.db")),
        ("sqlite:////data/x.db", "/data/x.db"),
        ("sqlite://", ":memory:"),
    ],
)
def test_a_file_of_sqlite_is_the_same_wherever_a_command_is_started(tmp_path, address, name):
    program = "import os, sys; sys.path[0] = os.getcwd(); os.chdir(os.environ['VAR_DIR']); "
    shown = start(
        *("-c", program + "from config.settings import DATABASES; print(DATABASES['default']['NAME'])"),
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="a.example",
        DATABASE_URL=address,
        VAR_DIR=str(tmp_path),
    )
    assert (shown.stdout.strip(), shown.stderr) == (name, "")


@pytest.mark.parametrize(
    "command", [("manage.py", "check"), ("-m", "scripts.backup", "backup"), ("-m", "scripts.update")]
)
@pytest.mark.parametrize(("name", "value"), [("PREVIEW_WATERMARK", "perhaps"), ("DATABASE_URL", "nonsense")])
def test_commands_say_in_one_sentence_which_setting_cannot_be_read(command, name, value):
    asked = {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example", "BACKUP_PASSPHRASE": "口令", name: value}
    started = start(*command, **asked)
    assert started.returncode == 1
    assert re.fullmatch(rf"(设置有误：)?{name} 应为.+[^。]。\n", started.stderr)


@pytest.mark.parametrize("command", [("manage.py", "verify_audit"), ("-m", "scripts.backup", "backup")])
def test_commands_say_in_one_sentence_that_there_is_no_database(command):
    asked = {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example", "BACKUP_PASSPHRASE": "口令"}
    started = start(*command, **asked, DATABASE_URL="sqlite:////nowhere/reform.db")
    assert started.returncode == 1
    sentence = started.stderr.splitlines()[-1]
    assert re.fullmatch(r".*请检查 DATABASE_URL 是否正确.*（unable to open database file）。", sentence)
    assert "Traceback" not in started.stderr


def test_commands_say_in_one_sentence_that_the_tables_are_not_there_yet(tmp_path):
    asked = {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "reform.example", "DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
    started = start("manage.py", "check_due", **asked)
    sentence = "库中的表与程序不一致：请先运行 migrate（./run manage migrate），再运行一次"
    assert (started.returncode, started.stderr) == (1, f"{sentence}（no such table: reform_dueitem）。\n")


def test_a_relative_place_begins_at_the_program_s_folder(tmp_path):
    program = "import os, sys; sys.path[0] = os.getcwd(); os.chdir(os.environ['VAR_DIR']); "
    shown = start(
        *("-c", program + "from config.settings import STATIC_ROOT; print(STATIC_ROOT)"),
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="a.example",
        STATIC_ROOT="collected",
        VAR_DIR=str(tmp_path),
    )
    assert (shown.stdout.strip(), shown.stderr) == (str(settings.BASE_DIR / "collected"), "")


def test_places_that_are_given_but_empty_are_the_usual_ones_and_names_may_stand_apart():
    shown = start(
        "-c",
        "from config import settings as s; print(s.STATIC_ROOT, s.AUDIT_ANCHORS, *s.ALLOWED_HOSTS, *s.ADMIN_ADDRESSES)",
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="a.example, b.example",
        ADMIN_ADDRESSES="10.1.0.0/16, 10.2.0.0/16,",
        STATIC_ROOT="",
        AUDIT_ANCHORS="",
    )
    static, anchors, *rest = shown.stdout.split()
    assert static == str(settings.VAR_DIR / "static")
    assert anchors == str(settings.VAR_DIR / "audit-anchors.log")
    assert rest == ["a.example", "b.example", "10.1.0.0/16", "10.2.0.0/16"]
    # VAR_DIR itself would be made in the product's folder: what it would be is asked where nothing is made.
    where = start(
        "-c",
        "from pathlib import Path; Path.mkdir = lambda *a, **k: None\n"
        "from config import settings as s; print(s.VAR_DIR == s.BASE_DIR / 'var')",
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="a.example",
        VAR_DIR="",
    )
    assert where.stdout == "True\n"


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


def test_the_deployment_check_warns_of_a_clock_that_is_set():
    for clock, warned in (("2026-11-30T09:00", True), ("", False)):
        checked = start(
            *("manage.py", "check", "--deploy", "--tag", "security"),
            SECRET_KEY=STRONG,
            ALLOWED_HOSTS="reform.example",
            CLOCK=clock,
        )
        assert ("accounts.W005" in checked.stderr) == warned


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


def first_admin(*words):
    out = StringIO()
    call_command("first_admin", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_an_empty_database_gets_its_first_administrator_and_no_second(client, settings):
    from accounts.models import Department, Role, User

    settings.INITIAL_PASSWORD = "random"
    said = first_admin("１３８ 0000 0001", "张　三")
    office, admin = Department.objects.get(), User.objects.get()
    assert (office.name, office.is_office) == ("市委改革办", True)
    assert (admin.phone, admin.full_name, admin.role) == ("13800000001", "张三", Role.SYSTEM_ADMIN)
    secret = re.search(r"张三的初始密码：(\w{12})（只显示这一次", said)[1]
    client.post("/login/", {"username": "13800000001", "password": secret})
    assert client.get("/", follow=True).redirect_chain == [("/profile/password/", 302)]
    with pytest.raises(CommandError, match="已有在用的系统管理员"):
        first_admin("13800000002", "李四")
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "reason"), [(("12345", "张三"), "手机号应为11位数字"), (("13800000001", ""), "姓名：请填写。")]
)
def test_a_first_administrator_who_could_not_sign_in_is_refused_whole(words, reason):
    from accounts.models import Department

    with pytest.raises(CommandError, match=reason):
        first_admin(*words)
    assert not Department.objects.exists()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({}, "HTTPS=off ALLOWED_HOSTS=127.0.0.1,localhost"),
        ({"ALLOWED_HOSTS": "tracker.example"}, "HTTPS= ALLOWED_HOSTS=tracker.example"),
        ({"ALLOWED_HOSTS": "localhost", "HTTPS": "off"}, "HTTPS=off ALLOWED_HOSTS=localhost"),
    ],
)
def test_run_lets_https_go_on_its_own_hosts_alone(tmp_path, named, expected):
    """Else what the guide has people do on a server, `./run update` first of all, is refused."""
    shutil.copy(settings.BASE_DIR / "run", tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "install.py").touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "HTTPS=${HTTPS:-} ALLOWED_HOSTS=$ALLOWED_HOSTS"\n')
    python.chmod(0o755)
    bare = {"PATH": os.environ["PATH"], "SECRET_KEY": STRONG, "VAR_DIR": str(tmp_path / "var")}
    said = subprocess.run([tmp_path / "run", "update"], env=bare | named, capture_output=True, text=True, check=False)
    assert (said.stdout.strip(), said.stderr) == (expected, "")
