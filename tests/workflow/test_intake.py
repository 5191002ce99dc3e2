"""What would run or fetch something is not taken, nor what bears a mark of secrecy, and of neither a byte stays."""

import io
import os
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.audit.entries import AuditEntry, Result
from tests import active_content, documents, secrecy_corpus
from tests.uploads import send, sent, stored_files
from workflow import files
from workflow.intake import child, found, reader
from workflow.models import Attachment

LEFT = "改革要点之标记".encode("utf-16-le") * 40  # what is looked for on the disk


def examined(extension, content):
    """What the process would say, without starting one for each of hundreds of files."""
    return child.examine(f".{extension}", io.BytesIO(content))


# --- Active content -------------------------------------------------------------------------------


def test_of_fifty_active_files_none_is_taken_and_each_says_why():
    answers = {what: examined(*file).get("problem", "") for what, file in active_content.BAD.items()}
    assert len(answers) == 50
    assert [what for what, problem in answers.items() if not problem.endswith(("再上传。", "附件的文件。"))] == []


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("pdf: a script when it is opened", found.SCRIPTS),
        ("docx: a template of another machine", found.OUTSIDE.format("附加模板")),
        ("docx: DDE over runs", found.DDE),
        ("doc: DDE", found.DDE),
        ("ppt: a packed program", found.EMBEDDED),
    ],
)
def test_an_active_file_is_refused_where_it_is_sent_and_leaves_nothing(client, cast, address, settings, what, sentence):  # noqa: PLR0917
    extension, content = active_content.BAD[what]
    client.force_login(cast.clerk)
    answer = send(client, address, sent(f"材料.{extension}", content))
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"name": f"材料.{extension}", "text": sentence}]
    assert stored_files(settings) == []


@pytest.mark.parametrize("what", active_content.HARMLESS)
def test_what_ordinary_documents_have_of_the_same_kind_is_taken(what):
    assert examined(*active_content.HARMLESS[what]).get("rule") == ""


def test_what_cannot_be_looked_through_within_the_limits_is_refused(draft, cast, monkeypatch):
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.01)
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    assert (saved, upload_errors) == ([], [("材料.pdf", reader.TOO_COMPLEX)])


# --- Marks of secrecy -----------------------------------------------------------------------------


@pytest.mark.parametrize("what", secrecy_corpus.MARKED)
def test_a_mark_is_found_wherever_it_stands(what):
    assert examined(*secrecy_corpus.MARKED[what])["rule"]


def test_of_200_papers_that_speak_of_secrecy_at_most_four_are_refused(is_full):
    numbers = range(200) if is_full else range(0, 200, 9)
    answers = [examined(*secrecy_corpus.clean(number)) for number in numbers]
    assert len([answer for answer in answers if answer.get("problem")]) <= len(answers) // 100
    assert len([answer for answer in answers if answer.get("rule")]) <= len(answers) // 50


@pytest.mark.parametrize("spooled", [False, True])
def test_of_a_marked_paper_no_byte_stays_on_the_disk(client, cast, address, settings, spooled):
    content = documents.open_xml(
        "docx",
        **{
            "word__document.xml": f"<d><p><t>机密★10年</t></p><x>{'改革要点之标记' * 40}</x></d>",
            "word__media__x.bin": LEFT + os.urandom(3_000_000 if spooled else 1000),
        },
    )
    needles = [LEFT[:60], content[200:260], content[-300:-240]]
    client.force_login(cast.clerk)
    answer = send(client, address, sent("机构改革要点.docx", content))
    assert answer.status_code == 422
    assert holding(settings, needles) == []
    assert not Attachment.objects.exists()


def holding(settings, needles):
    """The files of this product that have one of these bytes in them."""
    folders = {Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR)}
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in paths if any(needle in path.read_bytes() for needle in needles)]


def test_a_hit_is_logged_under_a_masked_name_and_offers_the_register(client, cast, address):
    client.force_login(cast.clerk)
    answer = send(client, address, sent("机构改革要点（机密★10年）.pdf"))
    [problem] = answer.json()["problems"]
    assert problem["name"] == "机＊＊＊年（14字）.pdf"
    assert "请报送" in problem["text"]
    assert answer.json()["notices"] == [{"title": "机构改革要点", "sent_on": "2026-07-15"}]
    entry = AuditEntry.objects.filter(action="upload").latest("pk")
    assert (entry.name, entry.title, entry.result) == (cast.clerk.full_name, problem["name"], Result.DENIED)
    assert entry.after["规则"] == "文件名"
    assert "机构改革要点" not in str(entry.after)


def test_without_scripts_the_register_is_filled_in_on_the_page_that_comes_back(client, cast, draft):
    client.force_login(cast.clerk)
    data = {"version": draft.version, "save": "1", "unclassified": "on", "files": [sent("机构改革要点（机密）.pdf")]}
    page = client.post(reverse("editing:edit", args=[draft.pk]), data)
    assert page.status_code == 422
    assert page.context["offered"] == {"title": "机构改革要点", "sent_on": "2026-07-15"}
    text = page.content.decode()
    assert 'id="id_classified_title" autocomplete="off" aria-describedby="classified-help" value="机构改革要点"' in text
    assert "机构改革要点（机密）" not in text
