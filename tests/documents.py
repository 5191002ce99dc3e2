"""Small real documents of every format, and what people should not be able to pass off as one."""

import io
import itertools
import struct
import warnings
import zipfile
import zlib

from pypdf import PdfWriter


def pdf(*, password="", owner_password="", algorithm="AES-256"):
    """One empty page; `password` is asked of readers, `owner_password` only of those who change it."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    if password or owner_password:
        writer.encrypt(password, owner_password or None, algorithm=algorithm)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


PDF = pdf()
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
EXE = b"MZ\x90\x00" + bytes(200) + b"PE\x00\x00" + bytes(200)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"

MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}
MACRO_TYPES = {"docx": "word.document", "xlsx": "excel.sheet", "pptx": "powerpoint.presentation"}


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def zipped(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


OFD = '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>'


def ofd(main=OFD, *, path="OFD.xml", encoding="UTF-8", twice=False):
    """`twice`: a part stands in the directory two times, as some writers leave it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr(path, f'<?xml version="1.0" encoding="{encoding}"?>{main}'.encode(encoding))
        for _ in range(1 + twice):
            archive.writestr("Doc_0/Signs/Signatures.xml", "<x/>")
    return content.getvalue()


def open_xml(kind, *, main_type=None, extra_types="", **extra_parts):
    """A docx, xlsx or pptx; `extra_parts` by path, "/" written as "__"."""
    part, family = MAIN[kind]
    main_type = main_type or f"application/vnd.openxmlformats-officedocument.{family}.main+xml"
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{part}" ContentType="{main_type}"/>{extra_types}</Types>'
    )
    parts = {path.replace("__", "/"): text for path, text in extra_parts.items()}
    return zipped({"[Content_Types].xml": types, part: "<x/>"} | parts)


def damaged(content, part):
    """The container with one wrong byte at the start of that part."""
    at = content.index(part.encode()) + len(part)
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def macro_enabled(kind):
    """What a .docm, .xlsm or .pptm is."""
    return open_xml(
        kind,
        main_type=f"application/vnd.ms-{MACRO_TYPES[kind]}.macroEnabled.main+xml",
        **{"word__vbaProject.bin": "x"},
    )


def ole(streams):
    """A compound file with the streams {path: bytes}; storages come from the paths."""
    entries = [("Root Entry", 5, None, [])]  # name, type, content, children
    places = {"": 0}
    for path, content in streams.items():
        parent = ""
        *storages, leaf = path.split("/")
        for storage in storages:
            here = f"{parent}/{storage}"
            if here not in places:
                places[here] = len(entries)
                entries[places[parent]][3].append(len(entries))
                entries.append((storage, 1, None, []))
            parent = here
        entries[places[parent]][3].append(len(entries))
        entries.append((leaf, 2, content.ljust(4096, b"\0"), []))
    siblings = {}
    for *_, children in entries:
        siblings |= dict(itertools.pairwise(children))
    fat, data, directory = [0xFFFFFFFD], b"", b""
    starts = {}
    for number, (_, kind, content, _) in enumerate(entries):
        if kind == 2:
            sectors = -(-len(content) // 512)
            starts[number] = (len(fat), len(content))
            fat += [len(fat) + at + 1 for at in range(sectors - 1)] + [0xFFFFFFFE]
            data += content.ljust(sectors * 512, b"\0")
    for number, (name, kind, _, children) in enumerate(entries):
        encoded = name.encode("utf-16-le")
        start, size = starts.get(number, (0xFFFFFFFE if kind == 5 else 0, 0))
        directory += (
            encoded.ljust(64, b"\0")
            + struct.pack("<HBB", len(encoded) + 2, kind, 1)
            + struct.pack("<III", 0xFFFFFFFF, siblings.get(number, 0xFFFFFFFF), children[0] if children else 0xFFFFFFFF)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )
    directory += (bytes(64) + bytes(4) + b"\xff" * 12 + bytes(48)) * (-len(entries) % 4)
    first_directory = len(fat)
    sectors = len(directory) // 512
    fat += [len(fat) + at + 1 for at in range(sectors - 1)] + [0xFFFFFFFE]
    assert len(fat) <= 128, "one sector of allocation table is enough for tests"
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIII", 0, 1, first_directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
        + struct.pack("<I", 0)
        + b"\xff" * 432
    )
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return header + table + data + directory


def word_stream(flags=0):
    """The start of a WordDocument stream ([MS-DOC] FibBase)."""
    return struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, flags)


def workbook_stream(*records):
    """The globals of a workbook: BOF, these records as (type, data), EOF."""
    records = [(0x809, bytes(16)), *records, (0x0A, b"")]
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)


def sheet(kind):
    """A BOUNDSHEET record; kind 1 is a sheet of Excel 4 macros."""
    return (0x85, struct.pack("<IBB", 0, 0, kind) + b"\x01\x00A")


DOC = ole({"WordDocument": word_stream()})
XLS = ole({"Workbook": workbook_stream(sheet(0))})
PPT = ole({"PowerPoint Document": b"\0" * 32})

GOOD = {
    "pdf": [
        PDF,
        b"\r\n" + PDF,
        b"\xef\xbb\xbf" + PDF,
        bytes(1024) + PDF,
        b"Message-ID: <a@b.cn>\r\n\r\n" + PDF,
        PDF + b"\r\n--gateway--" + bytes(2000),
        pdf(owner_password="x"),
        pdf(owner_password="x", algorithm="RC4-128"),
    ],
    "ofd": [
        ofd(),
        ofd(OFD.replace("/2016", "")),
        ofd('<OFD Version="1.1"/>'),
        ofd(OFD.replace("/>", ">通知</ofd:OFD>"), encoding="GB18030"),
        ofd(OFD.replace("/>", ">通知</ofd:OFD>"), encoding="UTF-16"),
        ofd(path="./OFD.xml"),
        ofd(path="/OFD.XML"),
        ofd(twice=True),
    ],
    "doc": [DOC],
    "docx": [open_xml("docx")],
    "xls": [XLS, ole({"Book": workbook_stream(sheet(0))})],
    "xlsx": [open_xml("xlsx")],
    "ppt": [PPT],
    "pptx": [open_xml("pptx")],
    "wps": [DOC, open_xml("docx")],
    "et": [XLS, open_xml("xlsx")],
    "dps": [PPT, open_xml("pptx")],
    "jpg": [JPEG],
    "jpeg": [JPEG],
    "png": [png()],
}


def bomb():
    """A docx of which one part unpacks to 300 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(bytes(1024 * 1024))
    return content.getvalue()


def crowd():
    """A docx of 6,000 empty parts."""
    return zipped({f"word/{number}.xml": "" for number in range(6000)})


def protected_zip():
    """A docx whose entries say that they are encrypted."""
    content = bytearray(open_xml("docx"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)
