"""品牌显示度推进更新: national recognition and what earned it, with evidence; recorded, never scored."""

from datetime import date

import pytest

from reform.models import BrandUpdate
from reform.models.brand import Recognition
from tests.contracts import EvidenceContract, RecordContract, fields, texts


class TestBrand(EvidenceContract, RecordContract):
    kind = BrandUpdate
    label = "品牌显示度推进更新"
    missing = ["created_on", "recognition", "circumstances", "results", "recognition_detail", "files"]
    one_at_a_time = False

    def key(self, cast):
        cast.issued_map()
        return str(cast.project.pk)

    def change(self, record, text):
        BrandUpdate.objects.filter(pk=record.pk).update(results=text)


@pytest.fixture
def brand(cast):
    return cast.make(BrandUpdate)


def test_the_manuals_two_recognitions():
    assert Recognition.labels == ["获全国性肯定评价", "被5家中央级媒体深度报道"]


@pytest.mark.parametrize("name", ["circumstances", "results", "recognition_detail"])
def test_every_text_is_told(brand, name):
    setattr(brand, name, "\t")
    assert fields(brand) == [name]
    assert texts(brand) == f"请填写{BrandUpdate._meta.get_field(name).verbose_name}。"


@pytest.mark.parametrize(("day", "accepted"), [("2026-07-15", True), ("2026-07-16", False)])
def test_the_brand_exists_by_today(brand, day, accepted):
    brand.created_on = date.fromisoformat(day)
    assert fields(brand) == ([] if accepted else ["created_on"])


def test_the_manuals_labels():
    labels = [BrandUpdate._meta.get_field(name).verbose_name for name in BrandUpdate.REQUIRED]
    assert labels == ["品牌创建日期", "获肯定方式", "具体情形", "解决问题、主要举措及取得实效", "获肯定或报道详情"]
