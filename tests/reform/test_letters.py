"""督办函: rungs proposed by age, sent by a person, each in its own series of numbers."""

import shutil
import subprocess
from datetime import date

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from reform.models import LetterSeries, Rung, SupervisionLetter, SupervisionMatter
from reform.supervision.letters import document, proposed
from tests import factories
from tests.tracks import CONTROL_ROUNDS, track
from tests.word import paragraphs
from workflow.models import Message
from workflow.refusals import ActionRefused


@pytest.mark.parametrize(
    ("day", "rung"), [("2026-06-01", None), ("2026-06-02", Rung.REMIND), ("2026-07-15", Rung.REMIND)]
)
def test_the_first_rung_is_proposed_once_the_deadline_has_passed(cast, day, rung):
    matter = factories.matter(cast, due_on=date(2026, 6, 1))
    with time_machine.travel(f"{day}T10:00+08:00"):
        assert proposed(matter) == rung


def test_a_matter_climbs_one_rung_after_another_each_after_the_day_that_the_last_letter_set(cast):
    first = factories.letter(cast)
    matter = SupervisionMatter.objects.get(pk=first.matter_id)
    assert (first.document_number, first.title) == ("改办提〔2026〕第1号", "提示函")
    told = set(Message.objects.filter(key__contains="letter-1").values_list("recipient__full_name", flat=True))
    assert told == {"录入甲", "录入乙", "审核甲", "审核乙"}
    assert proposed(matter) is None
    with time_machine.travel("2026-07-21T10:00+08:00"):
        assert proposed(matter) == Rung.ASSIGN
    numbers = [factories.letter(cast).number, factories.letter(cast, matter).number]
    assert numbers == [2, 1]  # each rung counts for itself
    with pytest.raises(ActionRefused, match="新的进展"):
        factories.letter(cast, matter)


def test_the_page_sends_what_the_register_and_the_document_say(cast, client):
    matter = factories.matter(cast, due_on=date(2026, 6, 1), source_words="王市长批示")
    page = reverse("reform:letter_write", args=[matter.pk])
    typed = {
        "version": 0,
        "rung": 1,
        "requirement": "请抓紧 & <办理>。",
        "due_on": "",
        "contact": "甲",
        "phone": "88880000",
    }
    client.force_login(cast.office)
    refused = client.post(page, typed).content.decode()
    assert [
        word for word in ("请填写反馈时限。", "请填写签发人。", "请抓紧 &amp; &lt;办理&gt;。") if word not in refused
    ] == []
    typed |= {"due_on": "2026-07-31", "issuer": "张主任"}
    assert client.post(page, typed).status_code == 302
    assert client.post(page, typed).status_code == 409
    letter = SupervisionLetter.objects.get()
    said = "\n".join(paragraphs(document(letter)))
    for words in (
        "改办提〔2026〕第1号",
        "市发展改革委：",
        "领导交办，王市长批示",
        "请抓紧 & <办理>。",
        "2026年7月31日",
        "张主任",
        "88880000",
    ):
        assert words in said
    assert "改办提〔2026〕第1号" in client.get(reverse("reform:letters")).content.decode()
    for who, status in (("clerk", 200), ("partner", 404), ("stranger", 404)):
        client.force_login(getattr(cast, who))
        answer = client.get(letter.get_absolute_url())
        assert (who, answer.status_code) == (who, status)
        assert "改办提" not in client.get(reverse("reform:letters")).content.decode() or who == "clerk"


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_letter_opens_in_libreoffice(cast, tmp_path):
    (tmp_path / "letter.docx").write_bytes(document(factories.letter(cast)))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", tmp_path, tmp_path / "letter.docx"], check=True, timeout=120)
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.full
@pytest.mark.race
@pytest.mark.parametrize("locks", [True, False])
def test_two_letters_at_once_get_two_numbers(locks):
    """Without the lock, the control, both take the same."""
    LetterSeries.objects.create(rung=1, year=2026)

    def number():
        with transaction.atomic():
            return LetterSeries.next_number(1, 2026)

    rounds = CONTROL_ROUNDS if not locks else 3
    with track("UPDATE", locks=locks) as made:
        found = [sorted(made.race(number, number)) for _ in range(rounds)]
    if locks:
        assert found == [[1, 2], [3, 4], [5, 6]]
    else:
        assert any(first == second for first, second in found)
