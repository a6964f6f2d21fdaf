"""`fabu login` and `fabu person`: who acts, on which machine, and what they may do."""

from __future__ import annotations

import json
import os

from scheduler.cli.context import token_file

PASSWORD = "correct horse"


def test_person_with_a_password_logs_in_and_acts(home, fabu):
    """The password comes from standard input, the token goes into a private file."""
    assert 0 == fabu("person", "password", "王芳", stdin=f"{PASSWORD}\n").code
    added = fabu("person", "add", "李雷", "author", "--password", stdin="another horse\n")
    assert (0, "") == (added.code, added.err)
    ran = fabu("login", "李雷", stdin="another horse\n")
    assert 0 == ran.code
    refused = fabu("person", "add", "韩梅", "author")
    assert 1 == refused.code
    assert "李雷 may not do this" in refused.err
    if os.name == "posix":
        assert 0o600 == token_file(home).stat().st_mode & 0o777


def test_wrong_password_changes_nothing(home, fabu):
    """Whoever was logged in still is."""
    fabu("person", "password", "王芳", stdin=f"{PASSWORD}\n")
    before = token_file(home).read_bytes()
    ran = fabu("login", "王芳", stdin="wrong horse\n")
    assert 1 == ran.code
    assert "Name and password do not fit." in ran.err
    assert before == token_file(home).read_bytes()


def test_only_way_in_is_not_replaced(home, fabu):
    """Who initialised has no password yet: another login here would lock them out."""
    fabu("person", "add", "李雷", "author", "--password", stdin=f"{PASSWORD}\n")
    ran = fabu("login", "李雷", stdin=f"{PASSWORD}\n")
    assert 1 == ran.code
    assert "fabu person password 王芳" in ran.err


def test_nobody_logged_in_is_told_how_to(home, fabu):
    """Exit status 1, and the command to use."""
    token_file(home).unlink()
    ran = fabu("person", "list")
    assert (1, "") == (ran.code, ran.out)
    assert "fabu login" in ran.err


def test_token_in_the_environment_wins(home, fabu, monkeypatch):
    """Scripts have no file; a wrong token is an error and not a fall-back."""
    token = token_file(home).read_text().strip()
    token_file(home).unlink()
    monkeypatch.setenv("FABU_ACTOR_TOKEN", token)
    assert 0 == fabu("person", "list").code
    monkeypatch.setenv("FABU_ACTOR_TOKEN", token[:-1])
    assert 1 == fabu("person", "list").code


def test_own_new_password_keeps_this_login(home, fabu):
    """Other machines lose theirs, this one gets a new one."""
    before = token_file(home).read_bytes()
    assert 0 == fabu("person", "password", "王芳", stdin=f"{PASSWORD}\n").code
    assert before != token_file(home).read_bytes()
    assert 0 == fabu("person", "list").code


def test_short_password_is_refused_before_the_person_is_added(home, fabu):
    """Nothing half-made."""
    ran = fabu("person", "add", "李雷", "author", "--password", stdin="short\n")
    assert 1 == ran.code
    assert "at least 10 characters" in ran.err
    assert ["王芳"] == [one["name"] for one in json.loads(fabu("person", "list", "--json").out)]


def test_roles_are_replaced(home, fabu):
    """Two words, two roles; the listing shows them."""
    fabu("person", "add", "李雷", "author", "--title", "办公室")
    assert 0 == fabu("person", "roles", "李雷", "reviewer", "leader").code
    listed = {one["name"]: one for one in json.loads(fabu("person", "list", "--json").out)}
    assert (["leader", "reviewer"], "办公室") == (
        listed["李雷"]["roles"],
        listed["李雷"]["title"],
    )


def test_unknown_role_is_refused_with_the_list(home, fabu):
    """As everywhere: what is wrong and what there is."""
    ran = fabu("person", "add", "李雷", "editor")
    assert 1 == ran.code
    assert "There is no role editor. Choose from: author, reviewer" in ran.err


def test_person_who_left_is_shown_as_not_active(home, fabu):
    """Their name stays."""
    fabu("person", "add", "李雷", "author")
    assert 0 == fabu("person", "deactivate", "李雷").code
    listed = {one["name"]: one for one in json.loads(fabu("person", "list", "--json").out)}
    assert (True, False) == (listed["王芳"]["active"], listed["李雷"]["active"])


def test_table_shows_roles_and_people(home, fabu):
    """For eyes; no terminal codes in a pipe."""
    ran = fabu("person", "list")
    assert "王芳" in ran.out
    assert "administrator" in ran.out
    assert "\x1b" not in ran.out
