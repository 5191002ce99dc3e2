"""Texts as long as their fields take, Chinese and without a place to break: no page grows wider than its window."""

import pytest
from django.apps import apps
from django.db import models
from django.db.transaction import atomic

from tests.browser import sign_in
from tests.browser.test_accessibility import SIZES, cast, walk  # noqa: F401  (a fixture)
from tests.browser.test_hostile_text import TYPED

pytestmark = pytest.mark.full

CHINESE, LATIN = "深化要素市场化配置综合改革试点", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WIDER = """() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const outside = (element) => element.getBoundingClientRect().right > clientWidth + 1;
    if (scrollWidth <= clientWidth) return "";
    const found = [...document.querySelectorAll("body *")].filter(outside);
    return found.map((element) => element.outerHTML.slice(0, 160)).pop();
}"""


@atomic
def lengthen():
    """Every text that somebody can have typed, in every row: of two neighbours one is Latin."""
    fields = 0
    for model in apps.get_models():
        if model._meta.app_label not in ("reform", "workflow", "accounts") or "Audit" in model.__name__:
            continue
        for field in model._meta.local_concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField)
            if field.name not in TYPED or not is_text or field.choices or field.unique:
                continue
            for number, letters in enumerate((CHINESE, LATIN)):
                rows = model._base_manager.alias(odd=models.F("pk") % 2).filter(odd=number)
                text = (letters * 200)[: min(field.max_length or 1000, 1000)]
                rows.exclude(**{field.name: ""}).update(**{field.name: text})
            fields += 1
    return fields


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office", "admin", "auditor"])
def test_no_page_is_wider_than_its_window(new_context, cast, who):  # noqa: F811
    assert lengthen() > 50
    page = new_context().new_page()
    sign_in(page, getattr(cast, who))
    found, addresses = [], 0
    for address in walk(page):
        addresses += 1
        for name, size in SIZES.items():
            page.set_viewport_size(size)
            if element := page.evaluate(WIDER):
                found.append((address, name, element))
    assert addresses > 8
    assert found == []
