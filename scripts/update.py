"""`./run update`: a backup, the database brought up to date, then a new server on the socket of the old one.

Nobody's request fails: the new server has loaded the program and says that it is ready before the old one stops taking
requests, and that finishes what it has begun. Where the new one does not become ready, the old one goes on.
"""

import http.client
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from scripts import backup
from scripts.serve import collect_static

PATIENCE = 90  # seconds until a new server must be ready, and until an old one must have ended
POLL = 0.2
NOTICE = 3  # seconds; a server looks once a second whether the one before it is gone


class UpdateError(Exception):
    """What did not work, in Chinese."""


@dataclass(frozen=True)
class Server:
    """A gunicorn, as deploy/gunicorn.conf.py notes it down."""

    pid: int
    address: str

    @property
    def is_alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except FileNotFoundError:  # no such folder on this system
            return not Path("/proc/self").exists()
        except OSError:
            return False
        return b"gunicorn" in words or b"scripts.serve" in words  # and no other that has got its number

    @property
    def forerunner(self) -> "Server | None":
        """Who let it take over the socket and has not ended since; as long as it is there, it lets nobody else."""
        try:
            begun_with = Path(f"/proc/{self.pid}/environ").read_bytes().split(b"\0")
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return None
        [parent] = re.findall(r"^PPid:\s*(\d+)", status, re.MULTILINE)
        return Server(int(parent), self.address) if f"GUNICORN_PID={parent}".encode() in begun_with else None

    def end(self) -> None:
        """What is being answered is finished. Raises UpdateError."""
        os.kill(self.pid, signal.SIGTERM)
        if not wait_for(lambda: not self.is_alive):
            raise UpdateError(f"旧程序（进程 {self.pid}）没有结束，请检查后手工停止")

    def ask(self) -> tuple[bool, str]:
        """Whether who answers there is ready, and which server it belongs to."""
        host, _, port = self.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status == 200, answer.headers.get("Instance", "")
        except OSError:
            return False, ""
        finally:
            connection.close()


def noted(file: Path) -> Server | None:
    try:
        pid, address = file.read_text().split()
        server = Server(int(pid), address)
    except (OSError, ValueError):
        return None
    return server if server.is_alive else None


def wait_for(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not (met := condition()) and time.monotonic() < until:
        time.sleep(POLL)
    return met


def replace(file: Path, old: Server) -> None:
    """Another server on its socket, then none of the old one. Raises UpdateError, and the old one goes on."""
    if forerunner := old.forerunner:  # an update was killed after the new server had started
        if not wait_for(lambda: old.ask()[0]):
            raise UpdateError(f"上次更新没有完成，{old.address} 没有就绪（原因见服务日志），请检查后重启服务")
        forerunner.end()
        time.sleep(NOTICE)
    known = {old.ask()[1] for _ in range(3)}
    os.kill(old.pid, signal.SIGUSR2)

    def started() -> bool:
        new = noted(file)
        return new is not None and new.pid != old.pid

    if not wait_for(started):
        raise UpdateError(f"新程序没有启动（原因见服务日志），{old.address} 仍由旧程序提供服务")

    def ready() -> bool:
        is_ready, instance = old.ask()
        return is_ready and instance not in known

    if not wait_for(ready):
        if new := noted(file):
            os.kill(new.pid, signal.SIGTERM)
        file.write_text(f"{old.pid} {old.address}")
        raise UpdateError(f"新程序没有就绪（原因见服务日志），{old.address} 仍由旧程序提供服务")
    old.end()


def prepare() -> Path | None:
    """Everything but the servers; the backup, if there is a passphrase for one."""
    kept = None
    if not connection.introspection.table_names():
        print("库中还没有数据：没有备份。", flush=True)
    elif os.environ.get("BACKUP_PASSPHRASE"):
        kept = backup.backup(settings.VAR_DIR / "backups")
        print(f"已备份：{kept}", flush=True)
    else:
        print("未设置 BACKUP_PASSPHRASE：没有备份。", flush=True)
    call_command("migrate", interactive=False, verbosity=1)
    try:
        call_command("check_due", fix=True)
    except SystemExit as left:
        raise UpdateError("应报事项与填报记录不一致，见上面的输出") from left
    collect_static(clear=False)  # pages of the old program still ask for its files
    return kept


def main() -> None:
    kept = prepare()
    servers = [(file, server) for file in sorted(settings.VAR_DIR.glob("gunicorn-*.pid")) if (server := noted(file))]
    for file, old in servers:
        replace(file, old)
        print(f"{old.address} 已换成新程序。", flush=True)
    if not servers:
        print("本机没有正在运行的服务：启动后即为新程序。")
    back = f"换回旧程序后运行 ./run restore {kept} --replace" if kept else "换回旧程序，并用此前的备份恢复"
    print(f"更新完成。需要退回时：停止服务，{back}。")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with backup.exit_in_words(CommandError, UpdateError, interrupted="已中断，再运行一次即可。"):
        django.setup()
        main()
