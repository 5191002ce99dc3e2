"""W3: whatever people type, whoever looks at whichever page: it is text there, never markup and never a script."""

import re

import pytest
from django.apps import apps
from django.db import models
from django.db.models.functions import Cast, Concat
from django.db.transaction import atomic

from tests.browser import sign_in
from tests.walk.addresses import FILES, PREVIEWS, read, urls
from tests.walk.conftest import record, things, visitors  # noqa: F401  (fixtures)
from workflow.models import Event

pytestmark = pytest.mark.full

SCRIPTS = [
    "</script><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)></svg><img src=x>",
    "javascript:alert(1)//</title><img src=x>",
]
SHORT = "<img src=x>"  # where no more goes in: an image that is missing
TYPED = set(
    "name title text wanted content type_name full_name actor_name actor_department principal_name department_name"
    " reason detail note unit annual_words scope source words lead_leader mandate_document plan_title plan_number"
    " single_indicator_reason work_done difficulties next_steps circumstances results recognition_detail addressed_to"
    " completion arrangements reasons partner_names source_words remark answer basis summary origin requirement contact"
    " issuer user_agent file_name number".split()
)


def hostile(number, room):
    fitting = [script for script in SCRIPTS if len(script) <= room]
    return fitting[number % len(fitting)] if fitting else SHORT


def in_chinese(said, number):
    """The same snapshot with each of its texts replaced."""
    if isinstance(said, dict):
        return {key: in_chinese(value, number) for key, value in said.items()}
    if isinstance(said, list):
        return [in_chinese(value, number) for value in said]
    return hostile(number, 100) if isinstance(said, str) and re.search("[一-鿿]", said) else said


@atomic
def poison():
    """Every text that somebody can have typed, in every row, behind the forms that would refuse some of it."""
    fields = 0
    for model in apps.get_models():
        if model._meta.app_label not in ("reform", "workflow", "accounts", "axes") or "Audit" in model.__name__:
            continue
        for field in model._meta.local_concrete_fields:
            if field.name in TYPED and isinstance(field, models.CharField | models.TextField) and not field.choices:
                room = (field.max_length or 500) - 9 * field.unique
                text = models.Value(hostile(fields, room), models.TextField())
                if field.unique:
                    text = Concat(text, Cast("pk", models.TextField()))
                model._base_manager.exclude(**{field.name: ""}).update(**{field.name: text})
                fields += 1
    for event in Event.objects.exclude(snapshot=None):
        Event._base_manager.filter(pk=event.pk).update(snapshot=in_chinese(event.snapshot, event.pk))
    return fields


def test_what_people_typed_is_text_on_every_page(things, visitors, new_context, cast):  # noqa: F811
    assert poison() > 60
    pages = {}
    for name, address in urls(things).items():
        for who, browser in visitors.items():
            answer = read(browser.get(address))
            is_page = answer.get("Content-Type", "").startswith("text/html") and name not in FILES + PREVIEWS
            if answer.status_code == 200 and is_page and "attachment" not in answer.get("Content-Disposition", ""):
                pages.setdefault(who, []).append(address)
                break
    shown = dialogs = 0

    def refuse(dialog):
        nonlocal dialogs
        dialogs += dialog.type == "alert"
        dialog.accept()

    for who, addresses in pages.items():
        page = new_context().new_page()
        page.on("dialog", refuse)
        sign_in(page, getattr(cast, who))
        for address in addresses:
            page.goto(address)
            assert page.locator("img[src=x], script:not([src]):not([type])").count() == 0, address
            shown += "src=x>" in page.locator("body").inner_text()
    assert dialogs == 0
    assert sum(map(len, pages.values())) > 90
    assert shown > 40


def test_control_markup_in_a_page_is_noticed(page, cast, complaints):
    sign_in(page, cast.clerk)
    page.goto("/")
    with page.expect_response(lambda response: response.url.endswith("/x")):
        page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", SCRIPTS[1])
    page.wait_for_timeout(200)
    assert page.locator("img[src=x]").count() == 1
    assert any("404" in complaint for complaint in complaints)
    assert any("Content Security Policy" in complaint for complaint in complaints)
    complaints.clear()
