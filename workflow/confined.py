"""Reading a file that somebody sent: in a process of its own, with limits on time and memory.

Without Django, so that the process starts quickly: the module that it runs calls `limit` before it looks at the file,
which is its standard input, and writes JSON.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

MEMORY = 640 * 1024 * 1024
_ROOT = Path(__file__).resolve().parent.parent


class TooMuch(Exception):
    """It did not end within its limits, or did not answer."""


def run(module: str, *arguments: str, content: bytes | IO[bytes], wall_seconds: float) -> Any:
    """What that module of ours says of the content; a file on the disk is handed over without being read here."""
    given = {"input": content} if isinstance(content, bytes) else {"stdin": content}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=wall_seconds,
            check=True,
            **given,
        )
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise TooMuch from error


def limit(cpu_seconds: int) -> None:
    """Time and memory end with the process; nothing is written, nothing is started."""
    import resource  # where there is none, the server is not either: only the process asks for it

    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
