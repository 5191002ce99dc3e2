"""deploy/nginx.conf as it is, on ports and in a folder of its own."""

import re
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"


def configure(
    folder: Path, nodes: list[int], *, port: int = 8443, plain_port: int = 8080, signing_in: str = "10r/s"
) -> Path:
    """The main file of an nginx whose site hands requests to nodes on these ports."""
    key, certificate = folder / "tracker.key", folder / "tracker.crt"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tracker.example"]
    subprocess.run([*words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text()
    for before, after in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("rate=10r/s", f"rate={signing_in}"),
        ("listen 80", f"listen 127.0.0.1:{plain_port}"),
        ("/etc/ssl/tracker.crt", str(certificate)),
        ("/etc/ssl/tracker.key", str(key)),
        ("/var/log/nginx/access.log", str(folder / "tracker.log")),
        ("/var/log/nginx/error.log", str(folder / "error.log")),
    ):
        assert before in site
        site = site.replace(before, after)
    upstream = (DEPLOY / "nginx-upstream.conf").read_text()
    named = iter(nodes)
    upstream = re.sub(r"127\.0\.0\.1:80\d\d", lambda found: f"127.0.0.1:{next(named)}", upstream)
    (folder / "upstream.conf").write_text(upstream)
    (folder / "site.conf").write_text(site)
    main = folder / "nginx.conf"
    places = "".join(
        f"    {name}_temp_path {folder / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"daemon off;\nworker_processes 2;\npid {folder / 'nginx.pid'};\nerror_log {folder / 'error.log'} warn;\n"
        "events { worker_connections 1024; }\n"
        f"http {{\n{places}    access_log {folder / 'access.log'};\n"  # as other main files
        f"    include {folder / 'upstream.conf'};\n    include {folder / 'site.conf'};\n}}\n"
    )
    return main


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def wait_until_listening(port: int) -> None:
    for _ in range(300):
        try:
            connect(port).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [port.getsockname()[1] for port in taken]
