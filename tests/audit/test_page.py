"""审计日志: the auditor finds, takes along and verifies what is logged; for others there is no such page."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.audit.chain import link_waiting
from accounts.audit.entries import Action, AuditEntry, Result
from accounts.audit.writing import coming_from, write
from reform.models import LedgerExport
from reform.views.audit import AuditFilter
from tests.audit.test_chain import behind_the_product, empty_log

PAGE = "/audit/"

pytestmark = pytest.mark.sql


@pytest.fixture
def story(cast, settings, tmp_path, client):
    """Three days of the log."""
    settings.AUDIT_ANCHORS = tmp_path / "anchors.log"
    empty_log()
    with time_machine.travel("2026-07-12T23:59:59+08:00", tick=False), coming_from("10.1.1.1"):
        write(cast.clerk, Action.SIGN_IN)
    with time_machine.travel("2026-07-13T00:00:00+08:00", tick=False), coming_from("10.1.1.2"):
        write(cast.stranger, Action.VISIT, "/files/7/", result=Result.DENIED, after={"状态码": 404})
    with time_machine.travel("2026-07-14T12:00:00+08:00", tick=False):
        write(cast.admin, Action.CHANGE, cast.clerk, before={"启用": "是"}, after={"启用": "否"})
    link_waiting()
    client.force_login(cast.auditor)
    return cast


def shown(client, **asked):
    return [(entry.name, entry.action) for entry in client.get(PAGE, asked).context["page_obj"]]


SIGNED_IN, REFUSED, CHANGED = ("录入甲", "sign_in"), ("外单位录入", "visit"), ("系统管理员", "change")


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"since": ""}, [CHANGED, REFUSED, SIGNED_IN]),
        ({"who": "录入甲"}, [SIGNED_IN]),
        ({"who": "市教委"}, [REFUSED]),
        ({"q": "录入甲"}, [CHANGED]),
        ({"q": "/files/7/"}, [REFUSED]),
        ({"q": "10.1.1.1"}, [SIGNED_IN]),
        ({"action": "change"}, [CHANGED]),
        ({"result": "denied"}, [REFUSED]),
        ({"since": "2026-07-13"}, [CHANGED, REFUSED]),
        ({"until": "2026-07-12"}, [SIGNED_IN]),
        ({"since": "2026-07-13", "until": "2026-07-13"}, [REFUSED]),
        ({"since": "1949-01-01", "until": "9999-12-31"}, [CHANGED, REFUSED, SIGNED_IN]),
        ({"action": "nothing", "page": "9" * 30}, [CHANGED, REFUSED, SIGNED_IN]),
    ],
)
def test_it_is_narrowed_by_who_what_result_day_and_thing(client, story, asked, rows):
    assert shown(client, **asked) == rows


@pytest.mark.parametrize(
    ("day", "rows"), [("2026-08-11", [CHANGED, REFUSED, SIGNED_IN]), ("2026-08-12", [CHANGED, REFUSED])]
)
def test_it_opens_on_the_last_thirty_days(client, story, day, rows):
    with time_machine.travel(f"{day}T12:00:00+08:00", tick=False):
        client.force_login(story.auditor)
        assert shown(client) == rows
        assert shown(client, page="1") == rows
        assert shown(client, since="") == [CHANGED, REFUSED, SIGNED_IN]


def test_where_the_last_days_have_none_it_leads_to_all(client, story):
    with time_machine.travel("2026-09-14T12:00:00+08:00", tick=False):
        client.force_login(story.auditor)
        page = client.get(PAGE).content.decode()
        assert "最近没有日志。" in page
        (address,) = re.findall(r'href="([^"]+)">查看全部日志', page)
        assert shown(client, **dict([address.removeprefix("?").split("=")])) == [CHANGED, REFUSED, SIGNED_IN]


def test_what_cannot_be_searched_in_time_is_said_and_stays_typed(client, story, monkeypatch):
    def give_up(chosen, entries, name, value):
        if entries.query.is_empty():
            return entries
        raise OperationalError("database is locked")  # as a statement that takes too long, in what follows from it

    monkeypatch.setattr(AuditFilter, "search", give_up)
    answer = client.get(PAGE, {"who": "录入甲", "since": ""})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "要查的日志太多，没有查完。请填写起止日期，或缩小范围后再查。" in page
    assert "没有符合条件的内容" not in page
    assert 'value="录入甲"' in page


def test_a_row_says_what_was_and_what_is(client, story):
    page = client.get(PAGE).content.decode()
    for words in ("启用：是 → 否", "10.1.1.2", "状态码：404", "拒绝", "市教委 · 市级部门录入人员"):
        assert words in page


@pytest.mark.parametrize("day", ["昨天", "0001-01-01"])
def test_a_bad_day_is_said_beside_its_field(client, story, day):
    answer = client.get(PAGE, {"since": day, "who": "录入甲"})
    assert "请填写日期，例如 2026-06-30。" in answer.content.decode()
    assert 'value="录入甲"' in answer.content.decode()


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office", "partner", "stranger", "admin", "display"])
def test_for_others_there_is_no_such_page(client, story, who):
    client.force_login(getattr(story, who))
    assert client.get(PAGE).status_code == 404
    for name in ("audit_check", "audit_export"):
        assert client.post(reverse(f"reform:{name}")).status_code == 404
    assert PAGE not in client.get("/").content.decode()


def test_the_auditor_finds_it_in_the_navigation(client, story):
    assert f'href="{PAGE}"' in client.get("/").content.decode()


def test_the_rows_are_taken_along_and_that_is_logged(client, story):
    answer = client.post(f"{reverse('reform:audit_export')}?result=denied")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    title, note, heads, *rows = sheet.iter_rows(values_only=True)
    assert title[0] == "审计日志"
    assert "结果：拒绝" in note[0]
    assert heads[:4] == ("序号", "时间", "姓名", "单位")
    assert [row[:4] for row in rows] == [(2, "2026-07-13 00:00:00+08:00", "外单位录入", "市教委")]
    taken = LedgerExport.objects.get()
    assert (taken.ledger, taken.rows, taken.conditions) == ("审计日志", 1, "结果：拒绝")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.name, entry.action, entry.title) == ("审计员", "export", "审计日志")


def test_too_many_rows_are_refused_in_words(client, story, settings):
    settings.LEDGER_EXPORT_MAX_ROWS = 2
    answer = client.post(f"{reverse('reform:audit_export')}?since=", follow=True)
    assert "一次最多导出 2 条，请缩小日期范围后再导出。" in answer.content.decode()
    assert not LedgerExport.objects.exists()


def test_verification_says_that_all_is_as_it_was_written(client, story):
    page = client.post(reverse("reform:audit_check")).content.decode()
    assert "校验通过：共校验 3 条，待入链 0 条，尚无锚点。" in page
    entry = AuditEntry.objects.latest("pk")
    assert (entry.name, entry.action, entry.result) == ("审计员", "verify", "done")


def test_from_what_was_verified_one_goes_on_reading(client, story, monkeypatch):
    monkeypatch.setattr("accounts.listing.PAGE_SIZE", 2)
    page = client.post(reverse("reform:audit_check"), query_params={"since": "2026-07-01"}).content.decode()
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert following == f"{PAGE}?since=2026-07-01&amp;page=2"
    assert client.get(unescape(following)).status_code == 200


def test_verification_names_what_was_changed(client, story):
    behind_the_product("UPDATE accounts_auditentry SET title = 'x' WHERE action = 'visit'")
    page = client.post(reverse("reform:audit_check")).content.decode()
    assert "校验不通过：发现 1 处问题" in page
    assert "第 2 号" in page
    assert "的内容被改动。" in page
    assert AuditEntry.objects.latest("pk").result == Result.FAILED


def test_of_a_long_log_the_newest_are_verified(client, story, monkeypatch):
    monkeypatch.setattr("reform.views.audit.NEWEST", 2)
    write(story.clerk, Action.SIGN_OUT)  # which is not linked yet
    assert "校验通过：最近 2 条，待入链 1 条" in client.post(reverse("reform:audit_check")).content.decode()
    assert "校验通过：最近 2 条" in client.post(reverse("reform:audit_check")).content.decode()
    behind_the_product("UPDATE accounts_auditlink SET previous = 'x' WHERE position = 2")
    assert "第 2 号" in client.post(reverse("reform:audit_check")).content.decode()


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("more", [0, 30])
def test_the_page_costs_the_same_however_much_is_logged(client, story, django_assert_num_queries, more):
    for day in range(more):
        write(story.clerk, Action.DOWNLOAD, f"附件{day}", after={"于": timezone.now() + timedelta(days=day)})
    client.get(PAGE)
    with django_assert_num_queries(4):  # the session, the person; how many, and the page
        client.get(PAGE)
