"""gunicorn, for `./run` and for production behind deploy/nginx.conf."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"  # a slow visitor holds a thread, not a process
workers = max(2, min(8, os.cpu_count() or 2))
threads = 8
timeout = 60  # without a sign of life; a request is limited by the database's own timeouts
graceful_timeout = 30  # on SIGTERM, what is being answered is finished
keepalive = 15
max_requests, max_requests_jitter = 20_000, 2_000
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - heartbeats must not wait for a disk
preload_app = True
control_socket_disable = True
forwarded_allow_ips = ""  # whose word counts on the visitor's address and scheme is settings.PROXY_COUNT alone
# No access log here: nginx writes it, without query strings (a search may hold a telephone number).
