"""The FTP programs, run as a user runs them, and talking to each other."""

from __future__ import annotations

from pathlib import Path

from support.examples import Starter


def test_serverAndClients(start: Starter, tmp_path: Path) -> None:
    """ftpserver.py, ftpclient.py: guests see the working directory, users their homes; a download is resumed."""
    (tmp_path / "passwords").write_text("bob:secret\n")
    home = tmp_path / "homes" / "bob"
    home.mkdir(parents=True)
    (home / "letter").write_text("dear bob\n")
    with start("ftp/ftpserver.py", 0, tmp_path / "passwords", tmp_path / "homes") as server:
        port = server.line("serving at port").split()[-1]
        with start("ftp/ftpclient.py", "127.0.0.1", port) as guest:
            assert guest.line("257").endswith('"/"')
            guest.line("ftp ")
            assert guest.wait() == 0, guest.report()
        with start("ftp/ftpclient.py", "127.0.0.1", port, "letter", "bob", "secret") as user:
            assert user.wait() == 0, user.report()
            assert user.output == ['257 "/"', "letter 9", "dear bob"]
        with start("ftp/ftpclient.py", "127.0.0.1", port, "", "bob", "wrong") as stranger:
            assert stranger.wait() == 1, stranger.report()
        here = tmp_path / "here"
        here.write_text("dear ")
        with start("ftp/remote.py", "127.0.0.1", port, "letter", here, "bob", "secret") as remote:
            assert remote.wait() == 0, remote.report()
            assert remote.output == ["letter file 9", f"9 bytes in {here}"]
        assert here.read_text() == "dear bob\n"
        assert server.interrupt() == 0
