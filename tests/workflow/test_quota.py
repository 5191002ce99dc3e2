"""The space of a department: counted, warned of at 80 %, and refused when it is full."""

from django.urls import reverse

from tests.documents import PDF
from tests.factories import promotion
from tests.uploads import send, sent, stored_files
from workflow import files, quota
from workflow.models import Attachment, Message


def of_size(size, name="材料.pdf"):
    body, end = PDF[: PDF.rindex(b"startxref")], PDF[PDF.rindex(b"startxref") :]
    return sent(name, (body + b"%" + name.encode()).ljust(size - len(end) - 1, b"x") + b"\n" + end)


def test_what_would_be_more_than_the_quota_is_refused_in_words(client, cast, draft, address, settings):
    settings.DEPARTMENT_QUOTA_MB = 1
    client.force_login(cast.clerk)
    assert send(client, address, of_size(600_000)).status_code == 200
    assert not Message.objects.filter(recipient=cast.admin).exists()
    [problem] = send(client, address, of_size(500_000, "又一份.pdf")).json()["problems"]
    assert problem["name"] == "又一份.pdf"
    assert f"{cast.clerk.department}的附件空间不足（共 1 MB，还剩 438.1 KB），请删除不再需要的草稿" in problem["text"]
    assert len(stored_files(settings)) == 1
    [message] = Message.objects.filter(recipient=cast.admin)  # as the page says it
    assert f"{cast.clerk.department}的附件空间已用 57%（共 1 MB），有附件因空间不足没有保存" in message.text


def test_system_administrators_are_told_at_80_percent_once(cast, draft, settings):
    settings.DEPARTMENT_QUOTA_MB = 1
    for number in range(3):
        files.save_files(draft, cast.clerk, [of_size(290_000, f"材料{number}.pdf")], True)
    files.save_files(draft, cast.clerk, [of_size(10_000, "小.pdf")], True)
    [message] = Message.objects.filter(recipient=cast.admin)
    assert f"{cast.clerk.department}的附件空间已用 82%" in message.text
    assert message.path == reverse("workflow:space")


def test_departments_do_not_share_their_quota_and_purged_files_do_not_count(cast, draft, settings):
    settings.DEPARTMENT_QUOTA_MB = 1
    [kept], _ = files.save_files(draft, cast.clerk, [of_size(900_000)], True)
    assert quota.used() == {cast.clerk.department_id: 900_000}
    assert quota.why_full(cast.stranger, 900_000) == ""
    Attachment.objects.filter(pk=kept.pk).update(purged_at=kept.uploaded_at)
    assert quota.used() == {}
    assert promotion(cast.project, cast.clerk).attachments.count() == 0


def test_without_a_quota_nothing_is_counted(cast, draft, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert quota.why_full(cast.clerk, 10**12) == ""


def test_the_system_administrator_reads_what_each_department_has_used(client, cast, draft, settings):
    settings.DEPARTMENT_QUOTA_MB = 1
    files.save_files(draft, cast.clerk, [of_size(900_000)], True)
    client.force_login(cast.admin)
    page = client.get(reverse("workflow:space"))
    assert [(row["department"], row["percent"]) for row in page.context["rows"]] == [(cast.clerk.department, 85)]
    client.force_login(cast.clerk)
    assert client.get(reverse("workflow:space")).status_code == 404
