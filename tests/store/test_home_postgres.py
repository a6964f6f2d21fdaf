"""A home may stand on PostgreSQL from the first command on."""

import pytest

from scheduler import people
from scheduler.cli import run
from scheduler.store import open_store


def test_home_made_on_a_server_has_its_first_person_there(bare_url, tmp_path, capsys):
    """No SQLite file beside it; a second desk on the same database is refused."""
    if bare_url.startswith("sqlite"):
        pytest.skip("the CLI's own tests make SQLite homes")
    folder = tmp_path / "home"
    assert 0 == run(["init", str(folder), "--database", bare_url, "--person", "王芳"])
    assert not (folder / "queue.db").exists()
    store = open_store(bare_url)
    with store.read() as tx:
        assert ["王芳"] == [one.name for one in people.list_people(tx)]
    store.close()
    assert 0 == run(["-c", str(folder), "queue", "list"])
    assert 2 == run(["init", str(tmp_path / "second"), "--database", bare_url])
    assert "belongs to a desk already" in capsys.readouterr().err
