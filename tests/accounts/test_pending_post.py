"""A session ends while somebody types. What they typed is there again after the login."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import pending_post
from accounts.models import Role
from tests.factories import PASSWORD, DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db

TYPED = {"name": "市发展改革委\n第二行", "position": "<7>", "_continue": "1"}


@pytest.fixture
def admin():
    """Somebody with a form to fill in: the system administrator renames a department."""
    return UserFactory(phone="13900000006", role=Role.SYSTEM_ADMIN, department__name="市委改革办")


@pytest.fixture
def form():
    return f"/admin/accounts/department/{DepartmentFactory(name='旧名称').pk}/change/"


class Visitor(Client):
    """Sends what a browser would: the token of its cookie, and the origin of the page."""

    def __init__(self):
        super().__init__(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})

    def send(self, address, data, token=None):
        token = token or self.cookies["csrftoken"].value
        return self.post(address, {**data, "csrfmiddlewaretoken": token})

    def sign_in(self, phone, **data):
        self.get("/login/")
        return self.send("/login/", {"username": phone, "password": PASSWORD, **data})


@pytest.fixture
def visitor(admin):
    visitor = Visitor()
    visitor.sign_in(admin.phone)
    return visitor


def expire(visitor):
    visitor.session.flush()


def hidden(page):
    """The hidden fields of the last form, as a browser reads them."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.rsplit("<form", 1)[0])
    return {name: re.sub("&lt;", "<", re.sub("&gt;", ">", value)) for name, value in fields}


def test_a_form_sent_too_late_is_offered_again_after_the_login(visitor, admin, form):
    expire(visitor)
    answer = visitor.send(form, TYPED)
    assert answer.status_code == 401
    page = answer.content.decode()
    assert "刚才填写的内容已保留" in page
    assert "139****0006" in page
    assert admin.phone not in page

    assert visitor.sign_in(admin.phone, kept=answer.context["kept"]).headers["Location"] == "/login/resume/"
    page = visitor.get("/login/resume/")
    assert page.context["kept"]["path"] == form
    assert f'action="{form}"' in page.content.decode()
    fields = hidden(page.content.decode())
    assert {name: fields[name] for name in TYPED} == TYPED

    # Looking at it twice takes nothing away; sending it does.
    assert visitor.get("/login/resume/").status_code == 200
    assert visitor.send(form, TYPED).context["errors"]  # "<7>" is no position; but that the form itself says
    assert visitor.get("/login/resume/").headers["Location"] == "/"


def test_what_was_typed_reaches_its_place_in_the_end(visitor, admin, form):
    expire(visitor)
    kept = visitor.send(form, {"name": "新名称", "position": "3"}).context["kept"]
    visitor.sign_in(admin.phone, kept=kept)
    fields = hidden(visitor.get("/login/resume/").content.decode())
    visitor.send(form, {name: fields[name] for name in ("name", "position")})
    assert type(admin.department).objects.filter(name="新名称", position=3).exists()


def test_a_mistyped_password_does_not_cost_the_text(visitor, admin, form):
    expire(visitor)
    kept = visitor.send(form, TYPED).context["kept"]
    again = visitor.send("/login/", {"username": admin.phone, "password": "nope", "kept": kept})
    assert again.context["kept"] == kept
    visitor.sign_in(admin.phone, kept=again.context["kept"])
    assert visitor.get("/login/resume/").status_code == 200


def test_somebody_else_at_the_same_desk_is_not_offered_the_text(visitor, form):
    expire(visitor)
    kept = visitor.send(form, TYPED).context["kept"]
    other = UserFactory(role=Role.SYSTEM_ADMIN)
    assert visitor.sign_in(other.phone, kept=kept).headers["Location"] == "/"
    assert visitor.get("/login/resume/").headers["Location"] == "/"
    assert "没有保留" in visitor.get("/profile/").content.decode()


def test_files_are_named_and_have_to_be_chosen_again(visitor, admin, form):
    expire(visitor)
    file = SimpleUploadedFile("印发的改革方案（终稿）.pdf", b"%PDF-")
    kept = visitor.send(form, {**TYPED, "file": file}).context["kept"]
    visitor.sign_in(admin.phone, kept=kept)
    assert "请重新选择：印发的改革方案（终稿）.pdf" in visitor.get("/login/resume/").content.decode()


def test_passwords_and_tokens_are_never_carried_along(rf, admin):
    request = rf.post("/x/", {"text": "t", "new_password1": "p", "password": "p", "csrfmiddlewaretoken": "c"})
    request.resolver_match = None
    assert pending_post.collect(request)["fields"] == [["text", "t"]]


def test_several_values_of_one_name_stay_several_and_in_order(rf):
    request = rf.post("/x/?a=1", {"plan": ["二月", "一月"], "action": "submit"})
    request.resolver_match = None
    kept = pending_post.collect(request)
    assert kept["fields"] == [["plan", "二月"], ["plan", "一月"], ["action", "submit"]]
    assert kept["path"] == "/x/?a=1"


def test_what_is_too_long_to_carry_is_said_to_be_lost_here(visitor, form, settings, monkeypatch):
    monkeypatch.setattr(pending_post, "MAX_CHARACTERS", 10)
    expire(visitor)
    answer = visitor.send(form, {"name": "超过十个字的单位名称肯定放不下"})
    assert answer.context["kept"] is None
    assert "请先返回上一页复制" in answer.content.decode()


@pytest.mark.parametrize("sealed", ["", "x", "eyJwYXRoIjoiLyJ9:1rXyZ0:forged"])
def test_a_forged_or_broken_parcel_is_nothing(visitor, admin, sealed):
    expire(visitor)
    assert visitor.sign_in(admin.phone, kept=sealed).headers["Location"] == "/"


def test_a_parcel_older_than_a_session_is_nothing(visitor, admin, form):
    expire(visitor)
    kept = visitor.send(form, TYPED).context["kept"]
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        assert visitor.sign_in(admin.phone, kept=kept).headers["Location"] == "/"


def test_another_site_cannot_plant_text(admin, form):
    """Without the token of our page, a form from elsewhere is refused before anything is kept."""
    stranger = Visitor()
    stranger.get("/login/")
    answer = stranger.post(form, TYPED, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "旧名称" not in answer.content.decode()
    assert 'name="kept"' not in answer.content.decode()
    stranger.sign_in(admin.phone)
    answer = stranger.post(form, TYPED, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "第二行" not in answer.content.decode()


def test_a_page_older_than_the_last_login_is_offered_again_not_refused(visitor, admin, form):
    """Two tabs: the session ends, one signs in anew, the other still sends the token of before."""
    before = visitor.cookies["csrftoken"].value
    expire(visitor)
    visitor.sign_in(admin.phone)
    assert visitor.cookies["csrftoken"].value != before
    answer = visitor.send(form, TYPED, token=before)
    assert answer.status_code == 403
    assert "继续提交" in answer.content.decode()
    assert hidden(answer.content.decode())["name"] == TYPED["name"]


def test_a_login_page_older_than_the_last_login_leads_in(visitor, admin):
    assert visitor.send("/login/", {"username": "x", "password": "y"}, token="z" * 64).headers["Location"] == "/"
    expire(visitor)
    answer = visitor.send("/login/", {"username": "x", "password": "secret-y"}, token="z" * 64)
    assert answer.status_code == 401
    assert "secret-y" not in answer.content.decode()


def test_text_survives_a_password_that_has_to_be_changed_first(visitor, admin, form):
    expire(visitor)
    kept = visitor.send(form, TYPED).context["kept"]
    admin.must_change_password = True
    admin.save()
    visitor.sign_in(admin.phone, kept=kept)
    assert visitor.get("/login/resume/").headers["Location"] == "/profile/password/"
    new = {"old_password": PASSWORD, "new_password1": "Plum-Tree-77x", "new_password2": "Plum-Tree-77x"}
    assert visitor.send("/profile/password/", new).headers["Location"] == "/login/resume/"
    assert visitor.get("/login/resume/").context["kept"]["path"] == form


def test_text_sent_when_the_password_falls_due_is_kept_as_well(visitor, admin, form):
    admin.must_change_password = True
    admin.save()
    assert visitor.send(form, TYPED).headers["Location"] == "/profile/password/"
    assert visitor.send(form, TYPED).headers["Location"] == "/profile/password/"
    new = {"old_password": PASSWORD, "new_password1": "Plum-Tree-77x", "new_password2": "Plum-Tree-77x"}
    assert visitor.send("/profile/password/", new).headers["Location"] == "/login/resume/"


def test_a_script_gets_its_answer_as_data(visitor, form):
    expire(visitor)
    for answer in (
        visitor.get(form, headers={"Accept": "application/json"}),
        visitor.post(
            form, {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}, headers={"Accept": "application/json"}
        ),
    ):
        assert answer.status_code == 401
        assert answer.json() == {"problem": "登录已过期，请重新登录。"}


# --- Signing in again in place ----------------------------------------------------------------------


def in_place(visitor, person, password=PASSWORD):
    token = visitor.cookies["csrftoken"].value
    data = {"person": person.pk, "password": password, "csrfmiddlewaretoken": token}
    return visitor.post("/login/", data, headers={"Accept": "application/json"})


def test_the_same_person_signs_in_with_the_password_alone(visitor, admin):
    expire(visitor)
    answer = in_place(visitor, admin)
    assert answer.status_code == 200
    assert answer.json()["password_due"] is False
    assert visitor.post("/session/", {"csrfmiddlewaretoken": answer.json()["csrf"]}).status_code == 405  # past CSRF
    assert visitor.get("/session/").json()["person"] == admin.pk


def test_in_place_a_wrong_password_is_told_and_locks_as_on_the_page(visitor, admin):
    expire(visitor)
    for _ in range(4):
        answer = in_place(visitor, admin, "nope")
        assert (answer.status_code, answer.json()) == (400, {"problem": "账号或密码不正确，请核对后重新输入。"})
    answer = in_place(visitor, admin, "nope")
    assert answer.status_code == 429
    assert "请在15分钟后再试" in answer.json()["problem"]


def test_in_place_nobody_signs_in_to_a_page_of_somebody_else(visitor, admin):
    other = UserFactory()
    visitor.sign_in(other.phone)
    expire(visitor)
    answer = in_place(visitor, admin)
    assert answer.status_code == 400
    assert answer.json() == {"problem": "本浏览器已换用其他账号登录，请在新窗口用原账号重新登录后再继续。"}
    assert visitor.get("/session/").status_code == 401


def test_after_signing_out_nobody_is_remembered(visitor, admin):
    visitor.send("/logout/", {})
    assert in_place(visitor, admin).status_code == 400
