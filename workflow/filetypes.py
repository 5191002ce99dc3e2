"""Whether a file is what its name says, and nothing that runs or hides: decided from its content."""

import re
import struct
import zipfile
from typing import IO
from xml.etree.ElementTree import Element

import filetype
import olefile
from defusedxml import ElementTree

PICTURES = {"jpg": "jpg", "jpeg": "jpg", "png": "png"}
WORD, SHEET, SLIDES = "wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation"
OPEN_XML = {"docx": WORD, "xlsx": SHEET, "pptx": SLIDES}
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
OLE_STREAMS = {
    "doc": {"worddocument"},
    "xls": {"workbook", "book"},
    "ppt": {"powerpoint document"},
}
# What such a file is taken as, and what it must be. WPS writes either family under its own extensions; people and
# programs rename between the families.
OLE_UNDER = {
    "wps": ("wps", "doc"), "et": ("et", "xls"), "dps": ("dps", "ppt"),
    "docx": ("doc", "doc"), "xlsx": ("xls", "xls"), "pptx": ("ppt", "ppt"),
}  # fmt: skip
ZIP_UNDER = {
    "wps": ("wps", "docx"), "et": ("et", "xlsx"), "dps": ("dps", "pptx"),
    "doc": ("docx", "docx"), "xls": ("xlsx", "xlsx"), "ppt": ("pptx", "pptx"),
}  # fmt: skip
ALLOWED = (
    "pdf", "ofd", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps", "jpg", "jpeg", "png",
)  # fmt: skip

OLE_MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}  # storages and streams with programs

MACROS = "文件含有宏，请另存为不含宏的文件后再上传。"
PROTECTED = "文件设有密码，无法检查内容，请去除密码后再上传。"
DAMAGED = "文件已损坏，不能打开，请检查后重新上传。"
EXPANDS = "压缩内容异常，不能接收，请用办公软件重新保存后再上传。"

MOST_ENTRIES = 5_000
MOST_DIRECTORY = 2 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_RATIO = 200
MOST_XML = 2 * 1024 * 1024
MOST_STREAM = 64 * 1024 * 1024
MOST_BEFORE_PDF = 1024  # the format allows so much before %PDF; scanners and mail gateways put it there
PDF_END = 64 * 1024  # %%EOF stands in this end of the file, also where a gateway added something
_OTHER = re.compile(
    rb"<(?:!|\?|html|head|body|script|svg)|^(?:MZ|PK|#!|\x7fELF)", re.IGNORECASE
)  # a page or a program in front of a PDF
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']GB(?:K|2312|18030)["']""", re.IGNORECASE)


class Unacceptable(ValueError):
    """The file is not taken; the message says why, in Chinese."""


def extension_of(name: str) -> str:
    _, dot, extension = name.rpartition(".")
    return extension.lower() if dot else ""


def check(name: str, file: IO[bytes], *, allowed: tuple[str, ...] = ALLOWED, most_unpacked: int = MOST_UNPACKED) -> str:
    """The true extension of `file`: that of `name`, or of its sibling (a png that a chat program named .jpg).

    Raises Unacceptable unless the content is what the name promises.
    """
    extension = extension_of(name)
    if extension not in allowed:
        raise Unacceptable(f"不能上传这种文件，可以上传：{'、'.join(allowed)}。")
    file.seek(0)
    head = file.read(4096)
    if not head:
        raise Unacceptable("文件是空的，请检查后重新上传。")
    try:
        return _check_content(extension, head, file, most_unpacked)
    except Unacceptable:
        raise
    except Exception as error:
        raise Unacceptable(DAMAGED) from error
    finally:
        file.seek(0)


def _check_content(extension: str, head: bytes, file: IO[bytes], most_unpacked: int) -> str:
    if extension in PICTURES:
        return _check_picture(extension, head)
    if extension == "pdf":
        _check_pdf(head, file)
        return extension
    if head.startswith(olefile.MAGIC):
        true, kind = OLE_UNDER.get(extension, (extension, extension))
        _check_ole(extension, kind, file)
    elif head.startswith(b"PK\x03\x04"):
        true, kind = ZIP_UNDER.get(extension, (extension, extension))
        _check_zip(extension, kind, file, most_unpacked)
    else:
        raise _mismatch(extension)
    return true


def _mismatch(extension: str) -> Unacceptable:
    return Unacceptable(f"文件内容不是 {extension} 格式，请用办公软件打开后重新保存，再上传。")


def _check_picture(extension: str, head: bytes) -> str:
    kind = filetype.guess(head)
    found = kind.extension if kind else ""
    if found in PICTURES.values():
        return extension if found == PICTURES[extension] else found
    if kind and kind.mime.startswith("image/"):
        raise Unacceptable(f"图片实际是 {found} 格式，请另存为 jpg 或 png 格式后再上传。")
    raise _mismatch(extension)


def _check_pdf(head: bytes, file: IO[bytes]) -> None:
    start = head.find(b"%PDF-", 0, MOST_BEFORE_PDF + len(b"%PDF-"))
    if start < 0 or _OTHER.search(head[:start]):
        raise _mismatch("pdf")
    from pypdf import PasswordType, PdfReader  # takes longer to load than most files to check

    size = file.seek(0, 2)
    file.seek(max(0, size - PDF_END))
    if b"%%EOF" not in file.read():
        raise Unacceptable(DAMAGED)
    reader = PdfReader(file)
    # Many forbid printing or changes with a password that reading does not need.
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise Unacceptable(PROTECTED)
    if not reader.pages or "/Type" not in reader.pages[-1]:
        raise Unacceptable(DAMAGED)


# --- Office files of before 2007 ----------------------------------------------------------------


def _check_ole(extension: str, kind: str, file: IO[bytes]) -> None:
    with olefile.OleFileIO(file) as ole:
        names = {part.lower() for path in ole.listdir(streams=True, storages=True) for part in path}
        if "encryptedpackage" in names or "encryptedsummary" in names:
            raise Unacceptable(PROTECTED)
        found = OLE_STREAMS.get(kind, set()) & {path[0].lower() for path in ole.listdir() if len(path) == 1}
        if not found:
            raise _mismatch(extension)
        if names & OLE_MACROS:
            raise Unacceptable(MACROS)
        content = ole.openstream(found.pop()).read(MOST_STREAM)
    {"doc": _check_doc, "xls": _check_xls, "ppt": _check_ppt}[kind](content)


def _check_doc(content: bytes) -> None:
    # [MS-DOC] FibBase: bit 8 of the flags at offset 10 is fEncrypted.
    if struct.unpack_from("<H", content, 10)[0] & 0x0100:
        raise Unacceptable(PROTECTED)


def _check_xls(content: bytes) -> None:
    """Walks the globals of the workbook: FILEPASS (0x2F) is a password, BOUNDSHEET (0x85) of type 1 a macro sheet."""
    at = 0
    while at + 4 <= len(content):
        record, length = struct.unpack_from("<HH", content, at)
        if record == 0x2F:
            raise Unacceptable(PROTECTED)
        if record == 0x85 and content[at + 9] == 1:
            raise Unacceptable(MACROS)
        if record == 0x0A:  # EOF of the globals
            return
        at += 4 + length


def _check_ppt(content: bytes) -> None:
    # [MS-PPT] VBAInfoAtom: header, reference, and 1 where there are macros.
    if re.search(rb"\x02\x00\x00\x04\x0c\x00\x00\x00.{4}\x01\x00\x00\x00", content, re.DOTALL):
        raise Unacceptable(MACROS)


# --- Zip containers: Office since 2007, and OFD -------------------------------------------------


def _check_zip(extension: str, kind: str, file: IO[bytes], most_unpacked: int) -> None:
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise Unacceptable(PROTECTED)
        packed = sum(entry.compress_size for entry in entries)
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MOST_ENTRIES or unpacked > min(most_unpacked, MOST_RATIO * max(packed, 100_000)):
            raise Unacceptable(EXPANDS)
        if kind == "ofd":
            _check_ofd(archive, names)
        elif kind == "ods":
            _check_ods(archive, names)
        elif len(names) != len(entries):
            raise Unacceptable(DAMAGED)
        else:
            _check_open_xml(extension, kind, archive, names)


def _check_directory(file: IO[bytes]) -> None:
    """A bomb may be all directory: its size is read from the end record before zipfile builds an object per entry."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 22 - 0xFFFF))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise Unacceptable(DAMAGED)
    entries, directory = struct.unpack_from("<HI", tail, at + 10)
    if entries > MOST_ENTRIES or directory > MOST_DIRECTORY:
        raise Unacceptable(EXPANDS)


def _check_ofd(archive: zipfile.ZipFile, names: set[str]) -> None:
    """As viewers read it: whatever its namespace, its encoding, its writing of paths, and with parts stored twice."""
    main = next((name for name in names if name.removeprefix("./").lstrip("/").lower() == "ofd.xml"), None)
    if main is None or _xml(archive, main).tag.rpartition("}")[2] != "OFD":
        raise _mismatch("ofd")


def _check_ods(archive: zipfile.ZipFile, names: set[str]) -> None:
    if not {"mimetype", "content.xml"} <= names or archive.read("mimetype").strip() != ODS:
        raise _mismatch("ods")
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise Unacceptable(MACROS)
    if "META-INF/manifest.xml" in names and any(
        part.tag.rpartition("}")[2] == "encryption-data" for part in _xml(archive, "META-INF/manifest.xml").iter()
    ):
        raise Unacceptable(PROTECTED)


def _check_open_xml(extension: str, kind: str, archive: zipfile.ZipFile, names: set[str]) -> None:
    if "[Content_Types].xml" not in names or kind not in OPEN_XML:
        raise _mismatch(extension)
    if open_xml_runs(archive):
        raise Unacceptable(MACROS)
    types = _types(archive)
    main = f"application/vnd.openxmlformats-officedocument.{OPEN_XML[kind]}.main+xml"
    parts = [part.lstrip("/") for part, content in types if content == main]
    if not parts or parts[0] not in names:
        raise _mismatch(extension)
    with archive.open(parts[0]) as part:
        while part.read(1024 * 1024):  # to its checksum
            pass


def open_xml_runs(archive: zipfile.ZipFile) -> bool:
    """Whether a part says that it is a program, by its type or its name."""
    types = " ".join(content for _, content in _types(archive)).lower()
    return any(word in types for word in ("macroenabled", "vbaproject", "macrosheet")) or any(
        name.lower().endswith(("vbaproject.bin", ".docm", ".xlsm", ".pptm")) or "/macrosheets/" in name.lower()
        for name in archive.namelist()
    )


def _types(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """The parts that [Content_Types].xml names, each with its type."""
    return [(part.get("PartName", ""), part.get("ContentType", "")) for part in _xml(archive, "[Content_Types].xml")]


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    with archive.open(name) as part:
        text = part.read(MOST_XML + 1)
    if len(text) > MOST_XML:
        raise Unacceptable(EXPANDS)
    # Expat knows no Chinese encodings.
    root: Element = ElementTree.fromstring(text.decode("gb18030") if _DECLARED.search(text) else text)
    return root
