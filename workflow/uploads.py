"""Files that arrive under a name with which Django's parser of requests leaves them out without a word."""

import re
from contextlib import suppress
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MAX_TOTAL_HEADER_SIZE, MultiPartParser  # type: ignore[attr-defined]
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters

NAMELESS = "未命名"
MOST_SHOWN = 100
MOST_HEADER = 64 * 1024  # of a part; here its name is still said, beyond it the request is refused
MOST_TAKEN = MAX_TOTAL_HEADER_SIZE - 8  # with the end of the headers
_FILE_NAME = re.compile(rb';\s*filename\*?=\s*"?([^"\r\n]+)', re.IGNORECASE)
_FIELD = re.compile(rb';\s*name="([\w-]*)"', re.IGNORECASE)


class LostNames(FileUploadHandler):
    """Names such files NAMELESS and notes what they were called in `request.lost_names`.

    Everything else is left to the other handlers.
    """

    request: HttpRequest  # set before the body arrives

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: bytes,  # type: ignore[override]  # the stub says str
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile]]:
        stream = _Mended(input_data, boundary)
        handlers = [handler for handler in self.request.upload_handlers if handler is not self]
        try:
            parsed = MultiPartParser(META, stream, handlers, encoding).parse()  # type: ignore[arg-type]  # it only reads
        except Exception:
            # A full disk, or a sender who is gone: Django closes what is complete, not the file that was arriving.
            for handler in handlers:
                with suppress(OSError):
                    handler.upload_interrupted()
            raise
        self.request.lost_names = stream.lost  # type: ignore[attr-defined]  # ours, read in files.py
        return parsed

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class _Mended:
    """The body of a request, whose headers with such a name are replaced as they pass."""

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self.stream, self.mark = stream, b"--" + boundary + b"\r\n"
        self.held = b""  # what may be the beginning of a part
        self.lost: list[str] = []

    def read(self, size: int = -1) -> bytes:
        while True:
            chunk = self.stream.read(size)
            passed, self.held = self._split(self.held + chunk, is_last=not chunk)
            if passed or not chunk:
                return passed

    def _split(self, data: bytes, *, is_last: bool) -> tuple[bytes, bytes]:
        passed: list[bytes] = []
        while (start := data.find(self.mark)) >= 0:
            start += len(self.mark)
            end = data.find(b"\r\n\r\n", start)
            if end < 0:
                if is_last or len(data) - start > MOST_HEADER:
                    break
                return b"".join(passed) + data[: start - len(self.mark)], data[start - len(self.mark) :]
            lines = [self._mend(line, is_long=end - start > MOST_TAKEN) for line in data[start:end].split(b"\r\n")]
            passed += [data[:start], b"\r\n".join(lines)]
            data = data[end:]
        at = len(data) if is_last else max(0, len(data) - len(self.mark) + 1)
        return b"".join([*passed, data[:at]]), data[at:]

    def _mend(self, line: bytes, *, is_long: bool) -> bytes:
        """`is_long`: Django would refuse the whole request for the headers that this line belongs to."""
        named = _FILE_NAME.search(line)
        if not line.lower().startswith(b"content-disposition:"):
            return b"X-Left-Out: 1" if is_long and not line.lower().startswith(b"content-type:") else line
        if not named:
            return line
        try:
            name = parse_header_parameters(line.decode())[1].get("filename", "")
            name.encode()
        except ValueError:  # not UTF-8, or no such charset
            name = named[1].decode("gb18030", "replace")
        else:
            if not is_long and MultiPartParser.sanitize_file_name(self, name):  # type: ignore[arg-type]  # it needs no parser
                return line
        self.lost.append("".join(letter for letter in name if letter.isprintable())[:MOST_SHOWN])
        found = _FIELD.search(line)
        field = found[1].decode() if found else ""
        return f'Content-Disposition: form-data; name="{field}"; filename="{NAMELESS}"'.encode()
