"""领导一页纸 and 上会材料: the page and the document say the same."""

import re

import pytest
from django.urls import reverse

from tests.word import links, paragraphs


@pytest.mark.parametrize("kind", ["one_page", "meeting"])
def test_the_pack_says_on_paper_what_it_says_on_the_screen(client, cast, kind):
    cast.issued_map()
    client.force_login(cast.office)
    where = {"args": [cast.project.pk, kind]}
    page = client.get(reverse("reform:pack", **where)).content.decode()
    content = client.get(reverse("reform:pack_word", **where)).content
    shown = " ".join(re.sub(r"<[^>]+>", "", page).split())
    said = [" ".join(text.split()) for text in paragraphs(content)[2:-1]]
    assert [text for text in said if text not in shown] == []
    assert ("具体举措" in said) is (kind == "meeting")
    assert links(content)[0][1].startswith("http://testserver/projects/")
    assert client.get(reverse("reform:pack", args=[cast.project.pk, "bulletin"])).status_code == 404
