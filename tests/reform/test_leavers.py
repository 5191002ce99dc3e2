"""Who has left: after a while the account loses what is personal, and everything that was done keeps its name."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import history
from accounts.audit.entries import AuditEntry
from accounts.audit.verification import verify
from accounts.locks import SealedAccount
from accounts.models import User
from reform.models import BattleMap
from tests.factories import PASSWORD
from workflow.models import CommonOpinion, Event, Message
from workflow.states import State


@pytest.fixture
def days(settings):
    settings.LEAVERS_ANONYMISED_AFTER_DAYS = 30


@pytest.fixture
def leaver(client, cast):
    """The reviewer, who has signed in, failed to, decided, noted phrases, and left 31 days ago."""
    leaver = cast.reviewer
    Client().post("/login/", {"username": leaver.phone, "password": "nope"})
    browser = Client()
    browser.post("/login/", {"username": leaver.phone, "password": PASSWORD})
    cast.bring(cast.make(BattleMap), State.DEPT_APPROVED)
    leaver.common_opinions.create(text="请核对口径后重报。")
    Message.objects.create(recipient=leaver, key="甲", text="一条")
    TOTPDevice.objects.create(user=leaver, confirmed=True)
    leaver.refresh_from_db()
    leaver.is_active = False
    leaver.save()
    left(leaver, 31)
    return leaver


def left(user, days_ago):
    User.objects.filter(pk=user.pk).update(inactive_since=timezone.now() - timedelta(days=days_ago))


def everything():
    """All rows of all tables, as text."""
    return {model._meta.label: str(list(model._base_manager.values())) for model in apps.get_models()}


def test_the_number_is_nowhere_and_the_name_stays_where_it_signed(cast, days, leaver):
    names = (leaver.phone, SealedAccount(leaver).get_username())
    assert {table for table, rows in everything().items() if any(name in rows for name in names)} == {
        "accounts.User", "axes.AccessLog", "axes.AccessFailureLog",
    }  # fmt: skip
    events = list(Event.objects.order_by("pk").values())
    logged = list(AuditEntry.objects.order_by("pk").values())
    call_command("anonymise_leavers")
    assert [table for table, rows in everything().items() if any(name in rows for name in names)] == []
    assert list(Event.objects.order_by("pk").values()) == events
    assert [row for row in AuditEntry.objects.order_by("pk").values() if row in logged] == logged
    assert Event.objects.filter(action="approve", actor=leaver, actor__full_name="审核甲").exists()
    assert verify().findings == []
    said = AuditEntry.objects.first()
    assert (said.title, said.after) == ("审核甲", {"说明": "停用期满，清除手机号等个人信息"})


def test_what_was_only_theirs_is_gone(days, leaver):
    call_command("anonymise_leavers")
    left_of = User.objects.get(pk=leaver.pk)
    assert (left_of.full_name, left_of.role, left_of.department_id) == ("审核甲", leaver.role, leaver.department_id)
    assert not left_of.has_usable_password()
    assert (left_of.former_passwords, left_of.tour_role, left_of.last_login) == ([], "", None)
    assert left_of.masked_phone == "****"
    gone = (Message.objects.filter(recipient=leaver), CommonOpinion.objects.all(), TOTPDevice.objects.all())
    assert [rows.count() for rows in gone] == [0, 0, 0]
    assert [row for row in Session.objects.all() if row.get_decoded().get("_auth_user_id") == str(leaver.pk)] == []
    for name in (leaver.phone, left_of.phone):
        answer = Client().post("/login/", {"username": name, "password": PASSWORD})
        assert "账号或密码不正确" in answer.content.decode()


def test_who_comes_back_needs_a_number_and_a_password_again(client, cast, days, leaver):
    call_command("anonymise_leavers")
    client.force_login(cast.admin)
    page = reverse("accounts:person", args=[leaver.pk])
    form = {"full_name": "审核甲", "department": leaver.department_id, "is_active": "on", "known": known(client, page)}
    if "role" in client.get(page).context["form"].fields:
        form["role"] = leaver.role
    refused = client.post(page, form | {"new_phone": ""})
    assert refused.context["form"].errors["new_phone"] == [
        "手机号已按期清除，启用前请填写新的手机号，保存后再重置初始密码。"
    ]
    assert not User.objects.get(pk=leaver.pk).is_active
    assert client.post(page, form | {"new_phone": "13912340099"}).status_code == 302
    assert "已清除，重置后才能登录" in client.get(page).content.decode()
    client.post(reverse("accounts:person_reset", args=[leaver.pk]))
    back = User.objects.get(pk=leaver.pk)
    assert (back.is_active, back.anonymised_at, back.password_state) == (True, None, "须修改初始密码")
    assert Client().post("/login/", {"username": "13912340099", "password": "123456"}).status_code == 302


def known(client, page):
    return client.get(page).context["form"].initial.get("known", "")


def test_it_happens_once_and_to_nobody_else(cast, days, leaver):
    cast.clerk2.is_active = False
    cast.clerk2.save()
    left(cast.clerk2, 29)
    others = list(User.objects.exclude(pk=leaver.pk).order_by("pk").values())
    call_command("anonymise_leavers")
    number = User.objects.get(pk=leaver.pk).phone
    call_command("anonymise_leavers")
    assert User.objects.get(pk=leaver.pk).phone == number
    assert list(User.objects.exclude(pk=leaver.pk).order_by("pk").values()) == others


@pytest.mark.parametrize(("setting", "words"), [(0, []), (30, ["--dry-run"])], ids=["never", "dry run"])
def test_nothing_happens_unless_asked_for(settings, leaver, setting, words):
    settings.LEAVERS_ANONYMISED_AFTER_DAYS = setting
    before = everything()
    call_command("anonymise_leavers", *words)
    assert everything() == before


def test_the_days_begin_anew_when_somebody_comes_back(cast):
    person = cast.clerk2
    assert person.inactive_since is None
    person.is_active = False
    person.save()
    since = User.objects.get(pk=person.pk).inactive_since
    assert timezone.now() - since < timedelta(minutes=1)
    person.full_name = "改名"
    person.save()
    assert User.objects.get(pk=person.pk).inactive_since == since
    person.is_active = True
    person.save(update_fields=["is_active"])
    assert User.objects.get(pk=person.pk).inactive_since is None


@pytest.mark.django_db
def test_those_who_left_before_the_update_left_on_the_day_in_the_history(cast):
    from importlib import import_module

    for person in (cast.clerk, cast.clerk2):
        User.objects.filter(pk=person.pk).update(is_active=False)
    history.log(cast.admin, cast.clerk, CHANGE, "启用：是 → 否")
    closed = timezone.now() - timedelta(days=400)
    LogEntry.objects.filter(object_id=cast.clerk.pk).update(action_time=closed)
    import_module("accounts.migrations.0010_leavers").date_those_out_of_use(apps, None)
    assert User.objects.get(pk=cast.clerk.pk).inactive_since == closed
    assert timezone.now() - User.objects.get(pk=cast.clerk2.pk).inactive_since < timedelta(minutes=1)
