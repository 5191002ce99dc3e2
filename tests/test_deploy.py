"""What stands in deploy/: it can be read by those for whom it is written, and says what the product relies on."""

import configparser
import contextlib
import http.client
import re
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

from tests import proxies

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
BY_HAND = {name for name, service in SERVICES.items() if "by-hand" in service.get("profiles", [])}


def test_every_service_of_the_guide_is_there():
    expected = {"nginx", "web1", "web2", "scheduler", "pgbouncer", "postgres", "replica", "minio"}
    assert SERVICES.keys() == expected | {"migrate", "backup", "bucket"}
    assert {"migrate", "backup", "bucket"} == BY_HAND
    assert SERVICES["replica"]["profiles"] == ["replica"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_watched_restarted_and_its_log_rotated(name):
    service = SERVICES[name]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if name in BY_HAND:
        return
    assert service["restart"] == "unless-stopped"
    if name != "scheduler":  # it serves nothing that could be asked
        assert service["healthcheck"]["test"][0] == "CMD"


def test_no_image_is_named_that_nobody_has_looked_up():
    variables = {service["image"] for service in SERVICES.values()}
    assert all(re.fullmatch(r"\$\{[A-Z]+_IMAGE:\?\}", image) for image in variables)
    example = (DEPLOY / "env.example").read_text()
    for image in variables:
        assert f"\n{image[2:-3]}=\n" in example
    assert "latest" not in (DEPLOY / "compose.yaml").read_text()


def test_every_value_that_compose_asks_for_is_in_the_example_and_empty_there():
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)[:}]", (DEPLOY / "compose.yaml").read_text())) - {"BACKUPS"}
    example = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    assert example.keys() == asked
    assert set(example.values()) == {""}


def test_the_image_and_the_repository_have_nothing_of_the_site():
    """Its keys, its passwords and its backups lie in deploy/ too."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    needed = {line[1:] for line in lines if line.startswith("!")}
    assert lines.index("deploy/*") < min(lines.index(f"!{name}") for name in needed)
    asked = re.findall(r"deploy/[\w./-]+", (ROOT / "Dockerfile").read_text().partition("\nFROM ${BASE}\n")[2])
    asked += [
        word for service in SERVICES.values() for word in service.get("command", []) if word.startswith("deploy/")
    ]
    assert set(asked) == needed
    if shutil.which("git") and (ROOT / ".git").exists():
        for name in ("deploy/.env", "deploy/backups/backup-20261130-010000.tar"):
            assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0, name


def test_a_replica_takes_as_many_connections_as_the_first_or_does_not_start():
    first, replica = (" ".join(SERVICES[name]["command"]) for name in ("postgres", "replica"))
    assert re.findall(r"max_connections=\d+", first) == re.findall(r"max_connections=\d+", replica) != []
    assert "max_slot_wal_keep_size" in first  # else one that is away fills the disk of the first


def test_nobody_is_given_the_address_of_a_node():
    [network] = COMPOSE["networks"]["inner"]["ipam"]["config"]
    given = ip_network(network["ip_range"])
    assert given.subnet_of(ip_network(network["subnet"]))
    for name in ("web1", "web2"):
        assert ip_address(SERVICES[name]["networks"]["inner"]["ipv4_address"]) not in given


def test_the_database_is_healthy_when_it_serves_others():
    """While the image makes it, a server answers on the socket alone."""
    assert {"-h", "127.0.0.1"} <= set(SERVICES["postgres"]["healthcheck"]["test"])


def test_what_needs_a_session_goes_past_the_pool_and_pages_go_through_it():
    for name, service in SERVICES.items():
        address = service.get("environment", {}).get("DATABASE_URL")
        if address:
            assert ("pgbouncer" in address) == (name in ("web1", "web2")), name
            assert ("DATABASE_POOLED" in service["environment"]) == (name in ("web1", "web2")), name
    pool = configparser.ConfigParser()
    pool.read(DEPLOY / "pgbouncer" / "pgbouncer.ini")
    assert pool["pgbouncer"]["pool_mode"] == "transaction"
    assert "options" in pool["pgbouncer"]["ignore_startup_parameters"]


def test_the_role_has_the_timeouts_that_a_pool_does_not_pass_on():
    said = set(re.findall(r"-c (\w+)=", (ROOT / "config" / "database.py").read_text()))
    assert said
    assert said == set(re.findall(r"ALTER ROLE reform_app SET (\w+)", (DEPLOY / "application_role.sql").read_text()))


def test_nodes_of_compose_are_where_nginx_looks_for_them():
    nodes = {SERVICES[name]["networks"]["inner"]["ipv4_address"] for name in ("web1", "web2")}
    upstream = (DEPLOY / "nginx-upstream.compose.conf").read_text()
    assert set(re.findall(r"server ([\d.]+):8000", upstream)) == nodes


def test_units_name_what_is_there():
    node = (DEPLOY / "systemd" / "tracker@.service").read_text()
    assert "deploy/gunicorn.conf.py" in node
    assert {"Type=notify", "NotifyAccess=all"} <= set(node.splitlines())  # else an update would be taken for the end
    assert "ListenStream=127.0.0.1:%i" in (DEPLOY / "systemd" / "tracker@.socket").read_text()
    assert "manage.py scheduler" in (DEPLOY / "systemd" / "tracker-scheduler.service").read_text()


class Node(BaseHTTPRequestHandler):
    """Says which host it was asked for; the one at hand lacks a static file that the other has."""

    protocol_version = "HTTP/1.0"

    def do_GET(self):
        lacks = self.path == "/static/new.css" and self.server.is_old
        content = f"{self.headers['Host']} {self.headers['X-Forwarded-For']} ".encode() + b"x" * 2000
        self.send_response(404 if lacks else 200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def nginx(folder, nodes=(), **options):
    """Its ports, for TLS and without; in front of ports where nobody listens, unless `nodes` are given.

    Its configuration is the product's. CI installs nginx.
    """
    if not shutil.which("nginx"):
        pytest.skip("no nginx on this machine")
    port, plain, *idle = proxies.free_ports(4)
    main = proxies.configure(folder, nodes or idle, port=port, plain_port=plain, **options)
    checked = subprocess.run(["nginx", "-t", "-c", main], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    with subprocess.Popen(["nginx", "-c", main], stderr=subprocess.DEVNULL) as process:
        try:
            proxies.wait_until_listening(port)
            yield port, plain
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The port of an nginx in front of two nodes."""
    nodes = [ThreadingHTTPServer(("127.0.0.1", 0), Node) for _ in range(2)]
    for number, node in enumerate(nodes):
        node.is_old = number == 0
        threading.Thread(target=node.serve_forever, daemon=True).start()
    ports = [node.server_port for node in nodes]
    # However slow the machine is, they come too fast.
    with nginx(tmp_path_factory.mktemp("nginx"), ports, signing_in="1r/m") as (port, _):
        yield port
    for node in nodes:
        node.shutdown()
        node.server_close()


def ask(port, method="GET", path="/", *, name="tracker.example", host=None, body=None, **headers):
    """(status, headers, content); `name` is that of TLS."""
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
    connection.sock = context.wrap_socket(proxies.connect(port), server_hostname=name)
    try:
        connection.request(method, path, body=body, headers={"Host": host or f"{name}:{port}", **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_the_host_keeps_its_port_and_pages_are_compressed(site):
    status, headers, content = ask(site)
    assert (status, content.split()[0].decode()) == (200, f"tracker.example:{site}")
    assert "Content-Encoding" not in headers
    _, headers, content = ask(site, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert len(content) < 500


def test_what_a_visitor_claims_of_its_address_is_kept_apart_from_what_we_know(site):
    _, _, content = ask(site, **{"X-Forwarded-For": "10.9.9.9"})
    assert content.decode().split(" x")[0].endswith("10.9.9.9, 127.0.0.1")


def test_unknown_names_get_nothing(site):
    with pytest.raises(ssl.SSLError):
        ask(site, name="elsewhere.example")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(site, host="elsewhere.example")


def test_a_static_file_of_the_new_version_is_found_on_the_node_that_has_it(site):
    assert {ask(site, path="/static/new.css")[0] for _ in range(6)} == {200}
    assert ask(site, path="/static/new.css")[0] == 200


def test_probes_are_not_for_the_outside(site):
    assert {ask(site, path=path)[0] for path in ("/healthz", "/readyz")} == {404}


def test_without_any_node_there_is_a_chinese_sentence(tmp_path):
    with nginx(tmp_path) as (port, _):
        status, headers, content = ask(port)
    assert (status, headers["Retry-After"]) == (503, "10")
    assert "系统暂时无法使用，请稍后再试" in content.decode()


def test_addresses_and_cookies_that_are_too_long_get_a_chinese_sentence(site):
    assert ask(site, path=f"/?q={'x' * 8000}")[0] == 200
    status, _, content = ask(site, path=f"/?q={'x' * 9000}")
    assert status == 414
    assert "请返回上一页，减少查询的文字后再试" in content.decode()
    status, _, content = ask(site, Cookie="other=" + "x" * 9000)
    assert status == 400
    assert "清除本网站的 Cookie" in content.decode()


def test_plain_http_to_the_port_of_tls_is_led_to_https(site):
    connection = http.client.HTTPConnection("127.0.0.1", site, timeout=60)
    connection.request("GET", "/?q=1", headers={"Host": "tracker.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://tracker.example/?q=1")
    connection.close()


def test_no_log_holds_what_was_searched_for(tmp_path):
    with nginx(tmp_path) as (port, plain):
        ask(port, path="/search/?q=13900000001")
        for host in ("tracker.example", "elsewhere.example"):
            connection = http.client.HTTPConnection("127.0.0.1", plain, timeout=60)
            with contextlib.suppress(http.client.RemoteDisconnected):
                connection.request("GET", "/search/?q=13900000001", headers={"Host": host})
                assert connection.getresponse().status == 301
            connection.close()
    logged = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert logged.count("/search/") == 3
    assert "13900000001" not in logged


def test_large_bodies_of_strangers_and_floods_of_sign_ins_get_a_chinese_sentence(site):
    status, _, content = ask(site, "POST", body=b"x" * 2_000_000)
    assert status == 413
    assert "一次提交的内容过大" in content.decode()
    assert '<a href="/">返回工作台</a>' in content.decode()
    answers = [ask(site, "POST", "/login/", body=b"x") for _ in range(110)]
    refused = [content.decode() for status, _, content in answers if status == 429]
    assert refused
    assert "登录请求过多" in refused[0]
