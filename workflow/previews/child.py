"""The process that looks at a file: from standard input, as JSON to standard output."""

import importlib
import json
import sys
from typing import Any

from workflow import confined

CPU_SECONDS = 5
PROBLEM = "无法预览，请下载查看。"
TOO_LARGE = "内容过大，无法预览，请下载查看。"

# The module of each extension; all have `look`.
LOOKING = {
    "pdf": "pictures", "png": "pictures", "jpg": "pictures", "jpeg": "pictures",
    "docx": "words", "pptx": "words", "ofd": "layouts",
    "xlsx": "tables", "xls": "tables", "et": "tables",
}  # fmt: skip


def look(extension: str, page: int, width: int) -> dict[str, Any]:
    """{"page", "pages", "blocks": […], "notes": […]}, or {"problem": …}."""
    try:
        module = importlib.import_module(f"workflow.previews.{LOOKING[extension]}")
        found: dict[str, Any] = module.look(sys.stdin.buffer, extension, page, width)
    except MemoryError:
        return {"problem": TOO_LARGE}
    except Exception:  # noqa: BLE001 - whatever a broken file leads a library to
        return {"problem": PROBLEM}
    return found


def main() -> None:
    confined.limit(CPU_SECONDS)
    extension, page, width = sys.argv[1:]
    json.dump(look(extension, int(page), int(width)), sys.stdout)


if __name__ == "__main__":
    main()
