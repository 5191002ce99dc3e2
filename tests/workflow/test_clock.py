"""The time of the domain, and the clock of a training."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import clock
from reform.calendar import today
from reform.models import PromotionUpdate
from tests.factories import AttachmentFactory
from workflow.states import State

CHONGQING = ZoneInfo("Asia/Shanghai")
MONTH_END = datetime(2026, 11, 30, 9, 0, tzinfo=CHONGQING)


@pytest.fixture
def training(settings, monkeypatch):
    """The clock was set to the end of November when the process started, which is now."""
    settings.CLOCK = MONTH_END
    monkeypatch.setattr(clock, "STARTED", timezone.now())


def test_without_a_setting_it_is_real_time():
    with time_machine.travel("2026-07-15T09:00+08:00", tick=False):
        assert clock.now() == timezone.now()
        assert clock.today().isoformat() == "2026-07-15"


def test_the_day_is_that_of_the_office_not_of_greenwich():
    with time_machine.travel("2026-06-30T23:30+00:00", tick=False):
        assert clock.today().isoformat() == "2026-07-01"


def test_a_set_clock_runs_on(cast, settings, monkeypatch):
    with time_machine.travel("2026-07-15T09:00+08:00", tick=False) as traveller:
        settings.CLOCK = MONTH_END
        monkeypatch.setattr(clock, "STARTED", timezone.now())
        assert clock.now() == MONTH_END
        traveller.shift(timedelta(hours=20))
        assert clock.now() == MONTH_END + timedelta(hours=20)
        assert today().isoformat() == "2026-12-01"


def test_every_trace_of_a_record_follows_it(cast, training):
    record = cast.make(PromotionUpdate)
    file = AttachmentFactory(record=record)
    record = cast.bring(record, State.REJECTED)
    event = record.events.first()
    moments = [
        record.created_at,
        record.updated_at,
        record.submitted_at,
        event.at,
        file.uploaded_at,
        event.record.messages.first().created_at,
        cast.issued_map().issued_at,
    ]
    assert {timezone.localtime(moment).date() for moment in moments} == {MONTH_END.date()}


def test_every_page_says_that_it_is_a_training_and_the_session_keeps_real_time(client, cast, training):
    words = "演练时间：2026年11月30日"
    assert words in client.get(reverse("accounts:login")).content.decode()
    client.force_login(cast.clerk)
    assert words in client.get(reverse("home")).content.decode()
    assert datetime.fromtimestamp(client.session["signed_in_at"], CHONGQING).date().isoformat() == "2026-07-15"


def test_without_it_no_page_says_so(client, cast):
    client.force_login(cast.clerk)
    assert "演练时间" not in client.get(reverse("home")).content.decode()


def test_history_is_written_at_its_moment(cast):
    with clock.standing_at(MONTH_END):
        record = cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)
    assert record.submitted_at == record.events.get().at == MONTH_END
    assert clock.today().isoformat() == "2026-07-15"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-30", "2026-11-30T00:00:00+08:00"),
        ("2026-11-30T09:30", "2026-11-30T09:30:00+08:00"),
        ("2026-11-30T09:30+00:00", "2026-11-30T09:30:00+00:00"),
        ("", "None"),
    ],
)
def test_the_setting_is_a_day_or_a_moment(text, moment):
    assert _settings_with(text).stdout.strip() == moment


@pytest.mark.parametrize("text", ["30.11.2026", "明天", "2026-11-31"])
def test_a_setting_that_is_no_time_is_refused_in_words(text):
    assert "CLOCK 应为日期和时间" in _settings_with(text).stderr


def _settings_with(text):
    code = "from config.settings import CLOCK; print(CLOCK.isoformat() if CLOCK else CLOCK)"
    environment = {**os.environ, "CLOCK": text, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
