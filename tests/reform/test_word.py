"""Word documents filled from templates, and what is taken as a template."""

import io

import pytest
from docx import Document

from reform import word
from reform.word import BadTemplate, Link, Words, sandbox
from tests import documents
from tests.word import changed, links, paragraphs, template
from workflow.filetypes import DAMAGED, EXPANDS, MACROS, Unacceptable

SAMPLE = {"title": "通报", "total": Words(("共", Link("3", "https://x.cn/a"), "项")), "rows": [{"name": "甲"}]}


def test_values_are_filled_in_as_plain_text():
    file = template("{{ title }}", "{{r total }}", "{%p for row in rows %}", "{{ row.name }}", "{%p endfor %}")

    made = word.render(
        file, SAMPLE | {"title": "<w:t>{{ 7 }} & \x00\x0b“引”\n次行", "rows": [{"name": "a\ud800{% x %}"}]}
    )

    assert paragraphs(made) == ["<w:t>{{ 7 }} & “引”次行", "共3项", "a{% x %}"]
    assert links(made) == [("3", "https://x.cn/a")]


def test_an_address_stands_once_in_a_document_and_only_pages_are_linked():
    made = word.render(template("{{r total }}{{r total }}"), SAMPLE)

    assert len(links(made)) == 2
    assert sum(rel.is_external for rel in Document(io.BytesIO(made)).part.rels.values()) == 1
    with pytest.raises(BadTemplate):
        word.render(template("{{r total }}"), {"total": Link("3", "file:///etc/passwd")})


REFUSED = {
    "{{ titel }}": "模板中的“titel”不是可用的名称。是否应为“title”？",
    "{{ 标题 }}": "模板中的“标题”不是可用的名称。可用的名称：rows、title、total。",
    "{{ title.size }}": "模板中的“size”不是可用的名称",
    "{{ title.__class__ }}": "不能使用“__class__”",
    "{{ title['x'] }}": "不能使用方括号取值",
    "{{ title() }}": "不能使用圆括号调用",
    "{{ 9 ** 9 }}": "不能使用运算",
    "{% set x = 1 %}": "不能使用赋值",
    "{% include 'x' %}": "不能使用对其他文件的引用",
    "{{ title | safe }}": "使用了不支持的过滤器",
    "{{ title | attr('x') }}": "使用了不支持的过滤器",
    "{%p for row in rows %}": "循环或条件标记没有成对",
    "{{ title": "不能识别",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_template_says_what_is_wrong_with_it(text):
    with pytest.raises(BadTemplate) as refusal:
        word.render(template(text, "完"), SAMPLE)
    assert REFUSED[text] in str(refusal.value)


def test_loops_have_an_end(monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_ROUNDS", 49)
    loop = ["{%p for a in rows %}"] * 2, ["{%p endfor %}"] * 2
    with pytest.raises(BadTemplate, match="循环次数过多"):
        word.render(template(*loop[0], "x", *loop[1]), {"rows": [1] * 10})
    with pytest.raises(BadTemplate, match="循环最多套 4 层"):
        word.render(template(*loop[0] * 3, "x", *loop[1] * 3), {"rows": [1]})


def field(*codes):
    """A template with a field whose code is in these runs."""
    runs = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return changed(
        template("x"), {"word/document.xml": lambda text: text.replace("<w:r>", f"{begin}{runs}{end}<w:r>", 1)}
    )


def related(kind, target, mode=' TargetMode="External"'):
    one = (
        f'<Relationship Id="x9" Target="{target}"{mode} '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
    )
    return changed(template("x"), {"word/_rels/document.xml.rels": lambda text: text.replace("</Relationships>", one)})


BAD = {
    "a program": (lambda: io.BytesIO(documents.EXE), "文件内容不是 docx 格式"),
    "an old document under the new name": (lambda: io.BytesIO(documents.DOC), "不是 docx 格式"),
    "macros": (lambda: io.BytesIO(documents.macro_enabled("docx")), MACROS),
    "a part too long": (
        lambda: changed(template("x"), {"word/styles.xml": f"<x>{'y' * word.MOST_XML}</x>"}),
        EXPANDS,
    ),
    "half a document": (lambda: io.BytesIO(template("x").read()[:9000]), DAMAGED),
    "an entity": (
        lambda: changed(template("x"), {"word/styles.xml": '<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'}),
        DAMAGED,
    ),
    "a program started by a field": (lambda: field("D", "DEAUTO c:\\x.exe"), "不能接收的域“DDEAUTO”"),
    "a field made by a field": (field, "不能接收的域“（空）”"),
    "a file fetched": (lambda: field(' INCLUDETEXT "\\\\host\\x"'), "不能接收的域“INCLUDETEXT”"),
    "a field that leads to a share": (lambda: field(' HYPERLINK "\\\\host\\x"'), "外部内容"),
    "a template fetched": (lambda: related("attachedTemplate", "http://x/y.dotm"), "外部内容（附加模板）"),
    "a picture fetched": (lambda: related("image", "http://x/y.png"), "外部内容"),
    "a link to a program": (lambda: related("hyperlink", "file:///c:/x.exe"), "外部内容"),
    "an object": (lambda: related("oleObject", "embeddings/x.bin", ""), "其他程序的对象"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_plain_document_is_refused(case):
    make, words = BAD[case]
    with pytest.raises(Unacceptable) as refusal:
        word.check_document("通报.docx", make(), most_mb=1)
    assert words in str(refusal.value)


def test_what_word_writes_is_taken():
    word.check_document("通报.docx", field(" PAGE  \\* MERGEFORMAT "), most_mb=1)
    word.check_document("通报.docx", field(' HYPERLINK "https://x.cn/a" '), most_mb=1)
    word.check_document("通报.docx", related("hyperlink", "https://x.cn/a"), most_mb=1)
    word.check_template("模板.docx", template("{{ title }}", "{{r total }}"), SAMPLE)
    with pytest.raises(BadTemplate, match="带链接的内容"):
        word.check_template("模板.docx", template("{{ total }}"), SAMPLE)
    with pytest.raises(Unacceptable, match="超过 0 MB"):
        word.check_document("通报.docx", template("x"), most_mb=0)
