"""The scanner of the site: what it calls clean is kept, anything else it may do refuses."""

import socket
import struct
import threading

import pytest

from tests.documents import PDF
from tests.uploads import sent, stored_files
from workflow import files
from workflow.intake import scanner


@pytest.fixture
def clamd(settings):
    """clamd(answer): a server that reads a stream as clamd does and answers so; returns what it was sent."""
    started = []

    def start(answer):
        server = socket.create_server(("127.0.0.1", 0))
        settings.CLAMD = f"127.0.0.1:{server.getsockname()[1]}"
        received = bytearray()

        def serve():
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                assert stream.readline() == b"nINSTREAM\n"
                while size := struct.unpack("!L", stream.read(4))[0]:
                    received.extend(stream.read(size))
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        started.append((server, thread))
        return received

    yield start
    for server, thread in started:
        thread.join(5)
        server.close()


def test_what_the_scanner_calls_clean_is_kept_whole(draft, cast, clamd, settings):
    received = clamd(b"stream: OK\n")
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    assert (len(saved), upload_errors) == (1, [])
    assert bytes(received) == stored_files(settings)[0].read_bytes() == PDF


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"stream: Eicar-Test-Signature FOUND\n", scanner.FOUND),
        (b"stream: Can't allocate memory ERROR\n", scanner.SILENT),
        (b"INSTREAM size limit exceeded. ERROR\n", scanner.UNFINISHED),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\n", scanner.UNFINISHED),
        (b"\xff\xfe\n", scanner.SILENT),
        (b"", scanner.SILENT),
    ],
)
def test_any_other_answer_refuses(draft, cast, clamd, settings, answer, sentence):  # noqa: PLR0917
    clamd(answer)
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    assert (saved, upload_errors) == ([], [("材料.pdf", sentence)])
    assert stored_files(settings) == []


def test_a_file_that_the_scanner_stops_reading_is_not_called_its_silence(draft, cast, settings, monkeypatch):
    monkeypatch.setattr(scanner, "CHUNK", 64)  # many pieces: it closes while others are under way
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD = f"127.0.0.1:{server.getsockname()[1]}"

        def refuse():
            connection, _ = server.accept()
            connection.recv(20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
            connection.close()

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        _, upload_errors = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
        thread.join(5)
    assert upload_errors == [("材料.pdf", scanner.UNFINISHED)]
    assert stored_files(settings) == []


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the client leaves closing to the interpreter
def test_a_scanner_that_is_down_or_says_nothing_refuses(draft, cast, settings, monkeypatch):
    monkeypatch.setattr(scanner, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMD = f"127.0.0.1:{silent.getsockname()[1]}"
        assert files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)[1] == [("材料.pdf", scanner.SILENT)]
    for place in (settings.CLAMD, "unix:/nowhere/clamd.ctl"):  # nobody listens there any more
        settings.CLAMD = place
        assert files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)[1] == [("材料.pdf", scanner.SILENT)]
    assert stored_files(settings) == []
