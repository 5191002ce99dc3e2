"""The process that parses a workbook: from standard input, as JSON to standard output.

It is started anew for each file, and limits itself before it reads the first byte of it.
"""

import json
import sys
from dataclasses import asdict

from workflow import confined

CPU_SECONDS = 3


def parse(data: bytes) -> dict:
    """{"sheets": […]}, or {"problems": […]}."""
    from .sheet import Unreadable  # after the limits, like all that touches the file

    try:
        return {"sheets": [asdict(sheet) for sheet in _reader(data)(data)]}
    except Unreadable as error:
        return {"problems": list(error.problems)}
    except MemoryError:
        return {"problems": ["文件展开后过大，请删除多余的内容后再导入。"]}
    except Exception:  # noqa: BLE001  # whatever a broken file leads a parser to
        return {"problems": ["不能读取这个文件，请用 WPS/Excel 另存为 .xlsx 后再导入。"]}


def _reader(data):
    from . import ods, xlsx

    if not data.startswith(b"PK"):
        from . import xls

        return xls.read
    return ods.read if b"mimetypeapplication/vnd.oasis.opendocument" in data[:100] else xlsx.read


def main() -> None:
    confined.limit(CPU_SECONDS)
    json.dump(parse(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
