"""Files that arrive under a name with which Django's parser of requests leaves them out without a word."""

import re

from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MAX_TOTAL_HEADER_SIZE, MultiPartParser  # type: ignore[attr-defined]
from django.utils.http import parse_header_parameters

NAMELESS = "未命名"
MOST_SHOWN = 100
_FILE_NAME = re.compile(rb';\s*filename\*?=\s*"?([^"\r\n]+)', re.IGNORECASE)
_FIELD = re.compile(rb';\s*name="([\w-]*)"', re.IGNORECASE)


class LostNames(FileUploadHandler):
    """Names such files NAMELESS and notes what they were called in `request.lost_names`.

    Everything else is left to the other handlers.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803 - Django's name
        stream = _Mended(input_data, boundary)
        handlers = [handler for handler in self.request.upload_handlers if handler is not self]
        parsed = MultiPartParser(META, stream, handlers, encoding).parse()
        self.request.lost_names = stream.lost
        return parsed

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None


class _Mended:
    """The body of a request, whose headers with such a name are replaced as they pass."""

    def __init__(self, stream, boundary):
        self.stream, self.mark = stream, b"--" + boundary + b"\r\n"
        self.held = b""  # what may be the beginning of a part
        self.lost = []

    def read(self, size=-1):
        while True:
            chunk = self.stream.read(size)
            passed, self.held = self._split(self.held + chunk, is_last=not chunk)
            if passed or not chunk:
                return passed

    def _split(self, data, *, is_last):
        passed = []
        while (start := data.find(self.mark)) >= 0:
            start += len(self.mark)
            end = data.find(b"\r\n\r\n", start)
            if end < 0:
                if is_last or len(data) - start > MAX_TOTAL_HEADER_SIZE:
                    break
                return b"".join(passed) + data[: start - len(self.mark)], data[start - len(self.mark) :]
            passed += [data[:start], b"\r\n".join(map(self._mend, data[start:end].split(b"\r\n")))]
            data = data[end:]
        at = len(data) if is_last else max(0, len(data) - len(self.mark) + 1)
        return b"".join([*passed, data[:at]]), data[at:]

    def _mend(self, line):
        named = _FILE_NAME.search(line)
        if not named or not line.lower().startswith(b"content-disposition:"):
            return line
        try:
            name = parse_header_parameters(line.decode())[1].get("filename", "")
            name.encode()
        except ValueError:  # not UTF-8, or no such charset
            name = named[1].decode("gb18030", "replace")
        else:
            if MultiPartParser.sanitize_file_name(self, name):
                return line
        self.lost.append("".join(letter for letter in name if letter.isprintable())[:MOST_SHOWN])
        field = _FIELD.search(line)
        field = field[1].decode() if field else ""
        return f'Content-Disposition: form-data; name="{field}"; filename="{NAMELESS}"'.encode()
