"""The process that looks through a file: from standard input, as JSON to standard output."""

import io
import json
import sys
from typing import IO, Any

from workflow import confined, secrecy
from workflow.filetypes import DAMAGED, EXPANDS, Unacceptable, check

CPU_SECONDS = 20


def examine(name: str, file: IO[bytes]) -> dict[str, Any]:
    """{"extension", "rule"}, where `rule` says which mark of secrecy was found; or {"problem"}: why it is not taken."""
    try:
        extension = check(name, file)
        text = _text(extension, file)
    except Unacceptable as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": EXPANDS}
    except Exception:  # noqa: BLE001 - whatever a broken file leads a library to
        return {"problem": DAMAGED}
    return {"extension": extension, "rule": secrecy.rule_of(text.head, text.body)}


def _text(extension: str, file: IO[bytes]) -> Any:
    # Each format needs libraries of its own, which take longer to load than most files to look through.
    from .found import Text

    text = Text()
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if extension == "pdf":
        from . import portable

        portable.examine(file, text)
    elif extension == "ofd":
        from . import layout

        layout.examine(file, text)
    elif start == b"PK\x03\x04":
        from . import package

        package.examine(file, text)
    elif start == b"\xd0\xcf\x11\xe0":
        from . import compound

        compound.examine(file, text)
    return text


def main() -> None:
    confined.limit(CPU_SECONDS)
    file = sys.stdin.buffer if sys.stdin.seekable() else io.BytesIO(sys.stdin.buffer.read())
    json.dump(examine(sys.argv[1], file), sys.stdout)


if __name__ == "__main__":
    main()
