"""gunicorn, for `./run` and for production behind deploy/nginx.conf."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from gunicorn import systemd

# Of each thread's own pool of memory glibc gives back little, so that a worker grew to 300 MB: two pools for all, and
# large pieces (a workbook, the figures of a city) apart from them, given back at once. Other libraries have no mallopt.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
with suppress(OSError, AttributeError):
    mallopt = ctypes.CDLL("libc.so.6").mallopt
    for option, value in ((M_ARENA_MAX, 2), (M_MMAP_THRESHOLD, 256 * 1024), (M_TRIM_THRESHOLD, 256 * 1024)):
        mallopt(option, value)

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"  # a slow visitor holds a thread, not a process
workers = max(2, min(8, os.cpu_count() or 2))
threads = 8
timeout = 60  # without a sign of life; config.deadline limits what a thread works for one request
graceful_timeout = 30  # on SIGTERM, what is being answered is finished
keepalive = 15
limit_request_line = 8190  # a filter may hold what somebody pasted; nginx takes as much and refuses more in Chinese
max_requests, max_requests_jitter = 20_000, 2_000
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - heartbeats must not wait for a disk
preload_app = True
control_socket_disable = True
forwarded_allow_ips = ""  # whose word counts on the visitor's address and scheme is settings.PROXY_COUNT alone
# No access log here: nginx writes it, without query strings (a search may hold a telephone number).


def when_ready(server):
    """Note who serves here: for `./run update`, which lets a new server take over the socket (USR2, then TERM), and for
    systemd, to which the end of the former would be the end of the service.
    """
    systemd.sd_notify(f"MAINPID={server.pid}", server.log)
    if folder := os.environ.get("VAR_DIR"):
        host, port = server.LISTENERS[0].sock.getsockname()[:2]
        host = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
        (Path(folder) / f"gunicorn-{port}.pid").write_text(f"{server.pid} {host}:{port}")


def pre_exec(server):
    """The server that takes over looks for sockets of systemd where systemd puts them; this one has moved them."""
    if server.systemd:
        for place, listener in enumerate(server.LISTENERS, systemd.SD_LISTEN_FDS_START):
            os.dup2(listener.fileno(), place)
