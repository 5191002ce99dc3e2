"""An initial password opens one page. What is chosen there must be worth something."""

from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from django.utils import timezone

from accounts.models import User
from tests.factories import PASSWORD, DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db

GOOD = "Plum-Tree-77x"


@pytest.fixture
def newcomer():
    return UserFactory(phone="13912345678", password=None)


@pytest.fixture
def clerk():
    return UserFactory(phone="13912345678")


def problems(password, user):
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return [problem.code for problem in refusal.error_list]
    return []


def change(client, new, old=PASSWORD, again=None):
    return client.post(
        "/profile/password/",
        {"old_password": old, "new_password1": new, "new_password2": new if again is None else again},
    )


def addresses(resolver=None, prefix=""):
    """One address per pattern, whatever it may stand for."""
    names = set()

    def walk(patterns, namespace):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                walk(pattern.url_patterns, inner)
            elif pattern.name:
                shape = pattern.pattern
                names.add((f"{namespace}{pattern.name}", tuple(shape.converters), shape.regex.groups))

    walk(get_resolver().url_patterns, "")
    for name, converters, groups in sorted(names):
        for args in (dict.fromkeys(converters, 1), [1] * groups, ["accounts"] * groups, [1, "x"][:groups]):
            try:
                given = {"kwargs": args} if isinstance(args, dict) else {"args": args}
                yield name, reverse(name, **given)
                break
            except NoReverseMatch:
                continue


def test_the_initial_password_may_be_copied_from_the_manual_which_prints_it_in_full_width(client, clerk):
    clerk.set_initial_password()
    clerk.save()
    printed = "１２３４５６"
    client.post("/login/", {"username": clerk.phone, "password": printed})
    assert client.session["_auth_user_id"] == str(clerk.pk)
    assert change(client, "Plum-Tree-77x", old=printed).status_code == 302
    clerk.refresh_from_db()
    assert clerk.check_password("Plum-Tree-77x")


def test_a_password_of_ones_own_is_taken_as_typed(client, clerk):
    clerk.choose_password("Plum-Tree-77x")
    clerk.save()
    client.post("/login/", {"username": clerk.phone, "password": "Plum-Tree-７７x"})
    assert "_auth_user_id" not in client.session


# --- Before the initial password is changed ---------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_with_the_initial_password_no_address_does_anything_but_lead_to_the_password_page(client, newcomer, method):
    client.force_login(newcomer)
    walked = dict(addresses())
    assert len(walked) > 20
    for name, address in walked.items():
        if name not in ("accounts:password_change", "accounts:logout"):
            answer = getattr(client, method)(address)
            assert (answer.status_code, answer.headers.get("Location")) == (302, "/profile/password/"), name


def test_a_script_is_told_in_words(client, newcomer):
    client.force_login(newcomer)
    answer = client.get("/session/", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json() == {"problem": "请先修改密码。", "password_due": True}


def test_the_password_page_shows_the_rules_and_no_navigation(client, newcomer):
    client.force_login(newcomer)
    page = client.get("/profile/password/").content.decode()
    for rule in ("10至128个字符", "至少要有3类", "不能是初始密码", "手机号的连续四位", "最近三次", "单位或城市名称"):
        assert rule in page
    assert 'id="nav"' not in page


def test_a_chosen_password_opens_everything(client, newcomer):
    client.post("/login/", {"username": newcomer.phone, "password": "123456"})
    assert change(client, GOOD, old="123456").headers["Location"] == "/"
    assert client.get("/profile/").status_code == 200
    assert User.objects.get().check_password(GOOD)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.get_change_message()) == (newcomer, newcomer.full_name, "本人修改密码")


def test_somebody_whose_password_is_due_may_sign_out(client, newcomer):
    client.force_login(newcomer)
    client.post("/logout/")
    assert "_auth_user_id" not in client.session


def test_an_initial_password_lasts_seven_days(client, newcomer):
    with time_machine.travel(newcomer.password_set_at, tick=False) as clock:
        clock.shift(timedelta(days=7, microseconds=-1))
        client.post("/login/", {"username": newcomer.phone, "password": "123456"})
        assert "_auth_user_id" in client.session
        client.post("/logout/")
        clock.shift(timedelta(microseconds=1))
        page = client.post("/login/", {"username": newcomer.phone, "password": "123456"}).content.decode()
        assert "初始密码已过期，请联系系统管理员重置初始密码。" in page
        assert "_auth_user_id" not in client.session


def test_one_time_secrets_are_never_the_same(settings):
    settings.INITIAL_PASSWORD = "random"
    department = DepartmentFactory()
    secrets = {User.objects.create_user(f"137{n:08d}", "甲", department, "entry").initial_password for n in range(500)}
    assert len(secrets) == 500
    assert {len(secret) for secret in secrets} == {12}
    assert not set("".join(secrets)) & set("0O1lI")


def test_a_one_time_secret_is_not_to_be_found_anywhere(settings):
    settings.INITIAL_PASSWORD = "random"
    user = User.objects.create_user("13700000000", "甲", DepartmentFactory(), "entry")
    stored = User.objects.get()
    assert not hasattr(stored, "initial_password")
    assert user.initial_password not in str(User.objects.values().get())
    assert stored.must_change_password
    assert stored.check_password(user.initial_password)


# --- What may be chosen -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        "123456",
        "Abc@123456",
        "Chongqing@2026",
        "Chongqing2026!",
        "CHONGQING#2026a",
        "Cq@1234567",
        "Cqgg@2026!",
        "Gaigeban@123",
        "Gaige2026!!",
        "Fgw@20262026",
        "SWggb@2026#",
        "Yukuaizheng@1",
        "Ch0ngq1ng@2026",
        "P@ssw0rd2026",
        "P@ssw0rd!123",
        "Passw0rd@2026",
        "Password123!",
        "Admin@123456",
        "Administrator1!",
        "Adm1n@2026!!",
        "Qwerty@12345",
        "Qwer1234!@#$",
        "1qaz@WSX3edc",
        "!QAZ2wsx3edc",
        "1q2w3e4r5T!",
        "Zaq12wsx!@#",
        "Aa123456789!",
        "Aaaaaaaa1!",
        "A1!A1!A1!A1!",
        "Abcd1234!@#$",
        "Abcdefgh1!",
        "Welcome@2026",
        "Test@123456",
        "Iloveyou@1314",
        "Woaini@520520",
        "Sunshine#2026",
        "Football!1988",
        "重庆Gaige@2026",
        "改革Ab@123456",
        "Asdf@123456",
        "Zxcvbnm,./1A",
        "Abc#5678plum",  # the end of the own number
        "Plum-1391x-Tree",  # its beginning
        "Plum3456-Tree",  # its middle
        "Ab1!efg",
        "plumtreegarden",
        "plumtree77xyz",
        "PLUMTREE77XYZ",
    ],
)
def test_a_bad_password_is_refused(clerk, bad):
    assert problems(bad, clerk)


@pytest.mark.parametrize(
    "good",
    [
        GOOD,
        "Correct-Horse-10",
        "xK7#pQ9$mW",
        "我家的猫爱吃鱼Miao77",
        "tulips & trams on a wet Friday, 6 of them",
        "quietly seven otters paint the northern harbour wall BLUE, 9 times every spring",
        "V9m2Lr8tYd",
    ],
)
def test_a_good_one_is_accepted(clerk, good):
    assert problems(good, clerk) == []


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Plum-Tre7", ["too_short"]),
        ("Plum-Tre7x", []),
        ("Plum-Tree-77x" + "qzwk" * 13, []),  # 65 characters
        ("Pv7-" + "qzwkxj" * 20 + "mnbv", []),  # 128
        ("Pv7-" + "qzwkxj" * 20 + "mnbvq", ["too_long"]),
        ("plumtree77wq", ["too_few_kinds"]),
        ("Plumtree77wq", []),
        ("plumtree-77wq", []),
        ("Plumtree-wqgh", []),
    ],
)
def test_length_and_kinds_are_exact(clerk, password, codes):
    assert problems(password, clerk) == codes


def test_all_problems_are_told_at_once_beside_the_field(client, clerk):
    client.force_login(clerk)
    form = change(client, "123456", old="wrong", again="12345").context["form"]
    assert form.errors["old_password"] == ["原密码不正确，请重新输入。"]
    assert form.errors["new_password1"] == [
        "密码太短，至少要10个字符。",
        "大写字母、小写字母、数字、符号四类中，至少要有3类。",
        "不能使用初始密码。",
        "密码中不能有自己手机号的连续四位。",
        "密码太容易被猜到：不能是常见密码、单位或城市名称、连续或重复的字符及其简单组合。",
    ]
    assert form.errors["new_password2"] == ["两次输入的新密码不一致。"]
    assert User.objects.get().check_password(PASSWORD)


def test_the_last_three_passwords_do_not_come_back(client, clerk):
    client.force_login(clerk)
    row = [PASSWORD, "Plum-Tree-77x", "Pear-Tree-88y", "Fig-Bush-99z"]
    for old, new in pairwise(row):
        change(client, new, old=old)
    assert User.objects.get().check_password(row[-1])
    for recent in row[1:]:
        assert "不能与最近三次用过的密码相同。" in change(client, recent, old=row[-1]).content.decode()
    change(client, PASSWORD, old=row[-1])  # the fourth last
    assert User.objects.get().check_password(PASSWORD)


def test_nobody_changes_a_password_without_knowing_the_old_one(client, clerk):
    client.force_login(clerk)
    for old in ("", "wrong", PASSWORD.lower()):
        change(client, GOOD, old=old)
        assert User.objects.get().check_password(PASSWORD)


# --- What becomes of it -----------------------------------------------------------------------------


def test_after_180_days_a_password_must_be_changed(client, clerk):
    with time_machine.travel(clerk.password_set_at + timedelta(days=180, microseconds=-1), tick=False) as clock:
        client.force_login(clerk)
        assert client.get("/profile/").status_code == 200
        clock.shift(timedelta(microseconds=1))
        assert client.get("/profile/").headers["Location"] == "/profile/password/"
        assert "密码已到使用期限" in client.get("/profile/password/").content.decode()
        change(client, GOOD)
        assert client.get("/profile/").status_code == 200


def test_the_expiry_can_be_switched_off(settings, clerk):
    settings.PASSWORD_MAX_AGE_DAYS = 0
    with time_machine.travel(timezone.now() + timedelta(days=4000)):
        assert not clerk.password_is_due


def test_a_reset_never_leaves_a_lasting_password(client, clerk):
    clerk.set_initial_password()
    clerk.save()
    client.post("/login/", {"username": clerk.phone, "password": "123456"})
    assert client.get("/profile/").headers["Location"] == "/profile/password/"
    assert "最近三次" in str(change(client, PASSWORD, old="123456").context["form"].errors)


def test_passwords_are_stored_with_argon2_and_older_ones_move_up_at_login(client, clerk, settings):
    settings.PASSWORD_HASHERS = django_settings.PASSWORD_HASHERS[1:]  # the product's own: see tests.settings
    assert clerk.password.startswith("md5")  # the tests' own
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.MD5PasswordHasher"]
    client.post("/login/", {"username": clerk.phone, "password": PASSWORD})
    assert User.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert client.get("/profile/").status_code == 200


def type_passwords(monkeypatch, *typed):
    """Then the end of the input."""
    left = iter(typed)

    def getpass(prompt):
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("accounts.management.commands.changepassword.getpass", getpass)


@pytest.mark.parametrize(
    ("words", "typed", "reason"),
    [
        ([], [], "请在命令后写明账号的手机号。"),
        (["13912340000"], [], "没有手机号为 13912340000 的账号。"),
        (["13912345678"], [], "已中断，密码没有改动。"),
        (["13912345678"], [GOOD, "Other-Plum-88y"] * 3, "3 次都没有成功，密码没有改动。"),
        (["13912345678"], ["123456", "123456"] * 3, "3 次都没有成功，密码没有改动。"),
    ],
)
def test_what_the_server_is_told_wrongly_is_said_and_changes_nothing(newcomer, monkeypatch, words, typed, reason):
    before = User.objects.values().get()
    type_passwords(monkeypatch, *typed)
    with pytest.raises(CommandError, match=reason):
        call_command("changepassword", *words, stdout=StringIO(), stderr=StringIO())
    assert User.objects.values().get() == before


def test_a_password_that_is_set_on_the_server_is_good_for_choosing_ones_own(client, newcomer, monkeypatch):
    newcomer.set_initial_password()
    newcomer.password_set_at -= timedelta(days=30)
    newcomer.save()
    type_passwords(monkeypatch, GOOD, GOOD)
    call_command("changepassword", "139 1234 5678", stdout=StringIO())
    client.post("/login/", {"username": newcomer.phone, "password": GOOD})
    assert client.get("/", follow=True).redirect_chain == [("/profile/password/", 302)]
    change(client, "Other-Plum-88y", old=GOOD)
    assert client.get("/").status_code == 200
    assert LogEntry.objects.last().get_change_message() == "在服务器上重置密码"
