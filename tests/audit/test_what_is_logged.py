"""U1, U5: whatever somebody does or is refused leaves one entry, with nothing in it that must not be read."""

import pytest
from django.contrib.admin.models import CHANGE
from django.urls import reverse

from accounts import history
from accounts.audit.entries import Action, AuditEntry, Result
from accounts.audit.writing import write
from reform.models import BattleMap, PromotionUpdate
from tests.documents import PDF
from tests.editing import fields_of, send
from tests.factories import PASSWORD, letter
from tests.reform.import_pages import book, confirm, upload
from tests.reform.test_admin import facts
from tests.uploads import sent
from workflow import actions, files, refusals
from workflow.models import Event, Record
from workflow.states import State

FROM = "10.20.0.7"


@pytest.fixture
def log(db):
    """The entries since the story began, the oldest first."""
    start = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return lambda: list(AuditEntry.objects.filter(pk__gt=start).order_by("pk"))


def said(entry):
    return entry.name, entry.department, entry.get_action_display(), entry.title, entry.get_result_display()


# --- Signing in -----------------------------------------------------------------------------------------------


def test_signing_in_and_out_and_failing_to(client, cast, log):
    def sign_in(password):
        return client.post("/login/", {"username": cast.clerk.phone, "password": password}, REMOTE_ADDR=FROM)

    sign_in("Nope-2026!")
    sign_in(PASSWORD)
    client.post("/logout/", REMOTE_ADDR=FROM)
    masked = f"账号 {cast.clerk.masked_phone}"
    assert [said(entry) for entry in log()] == [
        ("", "", "登录", masked, "失败"),
        ("录入甲", "市发展改革委", "登录", "", "成功"),
        ("录入甲", "市发展改革委", "退出登录", "", "成功"),
    ]
    assert {entry.address for entry in log()} == {FROM}
    assert log()[1].role == "市级部门录入人员"
    everything = str(list(AuditEntry.objects.values()))
    assert PASSWORD not in everything
    assert "Nope" not in everything
    assert cast.clerk.phone not in everything


def test_a_locked_account_is_refused(client, cast, log):
    for _ in range(6):
        client.post("/login/", {"username": cast.clerk.phone, "password": "nope"})
    assert [entry.result for entry in log()][-1] == Result.DENIED


def test_a_password_typed_as_the_account_is_not_kept(client, db, log):
    client.post("/login/", {"username": "Secret-2026!", "password": "x"})
    assert [entry.title for entry in log()] == ["账号 ****"]


# --- Refusals -------------------------------------------------------------------------------------------------


def test_refused_pages_forms_and_files(client, cast, log):
    record = cast.bring(cast.make(BattleMap), State.SUBMITTED)
    [kept], _ = files.save_files(cast.act(record, "clerk", "withdraw"), cast.clerk, [sent("材料.pdf", PDF)], True)
    before = len(log())
    client.force_login(cast.stranger)
    address = reverse("workflow:act", args=[record.pk])
    client.post(address, {"action": "approve", "version": record.version}, REMOTE_ADDR=FROM)
    client.get(reverse("workflow:download", args=[kept.pk]), REMOTE_ADDR=FROM)
    client.get(reverse("workflow:record", args=[record.pk]), REMOTE_ADDR=FROM)
    client.get("/no-such-page/", REMOTE_ADDR=FROM)
    assert [said(entry) for entry in log()[before:]] == [
        ("外单位录入", "市教委", "提交", address, "拒绝"),
        ("外单位录入", "市教委", "访问", f"/files/{kept.pk}/", "拒绝"),
        ("外单位录入", "市教委", "访问", f"/records/{record.pk}/", "拒绝"),
    ]
    assert {(entry.address, entry.after["状态码"]) for entry in log()[before:]} == {(FROM, "404")}


def test_forms_that_came_too_late_failed(client, cast, log):
    record = cast.make(PromotionUpdate)
    stale = fields_of(record, summary="另一段内容")
    submitted = cast.act(record, "clerk", "submit")
    client.force_login(cast.clerk)
    before = len(log())
    assert send(client, record, stale).status_code == 409
    [late] = log()[before:]
    assert (late.result, late.after) == (Result.FAILED, {"状态码": "409"})
    assert Record.objects.get(pk=record.pk).version == submitted.version


def test_what_the_next_page_says_was_not_done_failed(client, cast, log):
    client.force_login(cast.admin)
    before = len(log())
    client.post(reverse("accounts:person_reset", args=[cast.admin.pk]), REMOTE_ADDR=FROM)
    [refused] = log()[before:]
    assert refused.result == Result.FAILED
    assert refused.after["原因"].startswith("不能重置自己的密码")


def test_a_session_that_grew_too_old_is_signed_out_in_the_log(client, cast, log, settings):
    client.force_login(cast.clerk)
    client.get("/")
    settings.SESSION_ABSOLUTE_HOURS = 0
    assert client.get("/").status_code == 302
    assert [said(entry) for entry in log()] == [("录入甲", "市发展改革委", "退出登录", "", "成功")]


def test_looking_at_pages_that_are_ones_own_is_not_logged(client, cast, log):
    client.force_login(cast.clerk)
    assert client.get("/").status_code == client.get(reverse("reform:projects")).status_code == 200
    assert log() == []


# --- Records --------------------------------------------------------------------------------------------------


def test_each_step_is_logged_once_with_its_event(client, cast, log):
    record = cast.make(BattleMap)
    client.force_login(cast.clerk)
    before = len(log())
    address = reverse("workflow:act", args=[record.pk])
    for who, action in (("clerk", "submit"), ("reviewer", "approve"), ("office", "confirm"), ("office", "issue")):
        client.force_login(getattr(cast, who))
        client.post(address, {"action": action, "version": Record.objects.get(pk=record.pk).version}, REMOTE_ADDR=FROM)
    entries = log()[before:]
    assert [(entry.name, entry.action, entry.before["状态"], entry.after["状态"]) for entry in entries] == [
        ("录入甲", "step", "草稿", "待部门审核"),
        ("审核甲", "step", "待部门审核", "待改革办审核"),
        ("改革办甲", "step", "待改革办审核", "已确认"),
        ("改革办甲", "step", "已确认", "已下发"),
    ]
    assert [entry.after["事件"] for entry in entries] == [
        str(pk) for pk in Event.objects.filter(record=record.pk).order_by("pk").values_list("pk", flat=True)
    ]
    assert {(entry.key, entry.address) for entry in entries} == {(str(record.pk), FROM)}


def test_a_step_whose_entry_cannot_be_written_is_not_taken(cast, monkeypatch):
    record = cast.make(BattleMap)

    def broken(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(actions, "write", broken)
    with pytest.raises(OSError):  # noqa: PT011
        actions.perform(record.pk, "submit", cast.clerk, record.version)
    assert Record.objects.get(pk=record.pk).state == State.DRAFT
    assert not Event.objects.filter(record=record.pk).exists()


def test_a_step_that_was_refused_leaves_no_success(cast, log):
    record = cast.make(BattleMap)
    before = len(log())
    with pytest.raises(refusals.ActionRefused):
        actions.perform(record.pk, "confirm", cast.clerk, record.version)
    assert len(log()) == before


def test_drafts_edited_and_discarded(client, cast, log):
    record = cast.make(PromotionUpdate)
    client.force_login(cast.clerk)
    before = len(log())
    send(client, record, fields_of(record, summary="另一段内容"))
    record = Record.objects.get(pk=record.pk)
    actions.discard(record.pk, cast.clerk, record.version)
    edited, discarded = log()[before:]
    assert (edited.action, edited.name, edited.key) == ("edit", "录入甲", str(record.pk))
    assert "另一段内容" in edited.changes
    assert (discarded.action, discarded.name, discarded.before["状态"]) == ("discard", "录入甲", "草稿")


def test_files_kept_refused_fetched_and_removed(client, cast, log):
    record = cast.make(BattleMap)
    before = len(log())
    client.force_login(cast.clerk)
    address = reverse("workflow:upload", args=[record.pk])
    for name in ("材料.pdf", "机密★.pdf"):
        client.post(address, {"files": [sent(name, PDF)], "unclassified": "on"}, headers={"accept": "application/json"})
    [kept] = record.attachments.all()
    assert client.get(reverse("workflow:download", args=[kept.pk])).getvalue() == PDF
    client.post(reverse("workflow:file_remove", args=[record.pk, kept.pk]))
    assert [(entry.action, entry.title, entry.result) for entry in log()[before:]] == [
        ("upload", "材料.pdf", "done"),
        ("upload", "机＊＊＊密（3字）.pdf", "denied"),
        ("download", "材料.pdf", "done"),
        ("remove", "材料.pdf", "done"),
    ]
    assert log()[before].after["校验值"] == kept.digest
    assert "密级标志" in log()[before + 1].after["原因"]


# --- Exports, imports, changes, telephones, letters ------------------------------------------------------------


def test_exports(client, cast, log):
    cast.issued_map()
    before = len(log())
    client.force_login(cast.office)
    b"".join(client.post(reverse("reform:burden_export")).streaming_content)
    [entry] = log()[before:]
    assert (entry.action, entry.title, entry.name) == ("export", "减负表", "改革办甲")
    assert int(entry.after["行数"]) >= 0


def test_imports(client, cast, log):
    client.force_login(cast.office)
    shown = upload(client, book({}))
    before = len(log())
    confirm(client, shown)
    entries = log()[before:]
    assert [(entry.action, entry.title) for entry in entries] == [
        ("add", "要素市场化配置改革"),
        ("import", "项目基础信息"),
    ]
    assert entries[1].after == {"新增": "1", "修改": "0"}


def test_letters(cast, log):
    sent_letter = letter(cast)
    [entry] = [entry for entry in log() if entry.action == Action.LETTER]
    assert (entry.name, entry.key) == ("改革办甲", str(sent_letter.pk))
    assert entry.after == {"文号": "改办提〔2026〕第1号", "主送": "市发展改革委"}


def test_changes_by_the_office_say_what_was_and_what_is(cast, log):
    before, after = {"启用": "是", "姓名": "甲"}, {"启用": "否", "姓名": "甲"}
    history.log(cast.admin, cast.clerk, CHANGE, "启用：是 → 否", before=before, after=after)
    [entry] = log()
    assert (entry.action, entry.kind, entry.title) == ("change", "人员", "录入甲")
    assert (entry.before, entry.after) == ({"启用": "是"}, {"启用": "否"})
    assert entry.changes == "启用：是 → 否"


def test_a_project_changed_on_its_page(client, cast, log):
    client.force_login(cast.office)
    address = reverse("reform:base_info", args=[cast.project.pk])
    before = cast.project.lead_leader
    client.post(address, facts(cast.project, lead_leader="李市长"))
    [entry] = log()
    assert (entry.action, entry.title, entry.key) == ("change", "数字经济改革", str(cast.project.pk))
    assert (entry.before, entry.after) == ({"领衔市领导": before}, {"领衔市领导": "李市长"})


def test_a_person_changed_in_the_admin(client, cast, log):
    client.force_login(cast.admin)
    posted = {"new_phone": "13700000001", "full_name": "录入甲", "department": cast.planning.pk, "role": "entry"}
    client.post(f"/admin/accounts/user/{cast.clerk.pk}/change/", posted | {"is_active": "on", "accepted": "on"})
    [entry] = log()
    assert (entry.action, entry.key) == ("change", str(cast.clerk.pk))
    assert "137****0001" in entry.changes
    assert "13700000001" not in str(list(AuditEntry.objects.values()))


def test_a_revealed_telephone(client, cast, log):
    client.force_login(cast.office)
    client.post(reverse("reform:phone"), {"person": cast.clerk.pk, "period": "2026-07"}, REMOTE_ADDR=FROM)
    [entry] = log()
    assert said(entry) == ("改革办甲", "市委改革办", "查看手机号", "录入甲", "成功")
    assert (entry.key, entry.address) == (str(cast.clerk.pk), FROM)


def test_a_form_without_an_entry_of_its_own_leaves_its_address(client, cast, log):
    client.force_login(cast.clerk)
    client.post(reverse("workflow:messages_read"))
    assert [said(entry) for entry in log()] == [("录入甲", "市发展改革委", "提交", "/messages/read/", "成功")]


# --- What is not in it ----------------------------------------------------------------------------------------


def test_line_ends_are_escaped_and_numbers_masked(cast, log):
    write(
        cast.clerk,
        Action.CHANGE,
        "第一行\r\n2026-01-01 伪造的一行\x1b[31m",
        before={"手机号": "13900000001"},
        after={"手机号": "改为13700000002\n。", "编号": "20261129000001"},
    )
    [entry] = log()
    assert entry.title == "第一行\\r\\n2026-01-01 伪造的一行\\x1b[31m"
    assert entry.before == {"手机号": "139****0001"}
    assert entry.after == {"手机号": "改为137****0002\\n。", "编号": "20261129000001"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("电话13900000001，", "电话139****0001，"),
        ("\n19900000001\n", "\\n199****0001\\n"),
        ("文号12026000123", "文号12026000123"),
        ("tel13900000001", "tel139****0001"),
        ("c0ffee13900000001" + "ab" * 8, "c0ffee13900000001" + "ab" * 8),
        ("139000000011", "139000000011"),
    ],
)
def test_mobile_numbers_are_masked_and_other_numbers_kept(cast, log, text, kept):
    write(cast.clerk, Action.CHANGE, after={"说明": text})
    [entry] = log()
    assert entry.after == {"说明": kept}


def test_the_time_is_kept_with_its_offset(cast, log):
    write(cast.clerk, Action.SIGN_IN)
    [entry] = log()
    assert entry.at.utcoffset() is not None
