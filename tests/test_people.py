"""People: roles, passwords, tokens, and the history of each."""

from __future__ import annotations

import pytest

from scheduler import events, people
from scheduler.errors import Conflict, InputError, NotAllowed, NotFound
from scheduler.people import SETUP, Actor, Role

PASSWORD = "correct horse"


@pytest.fixture
def admin(store, clock) -> Actor:
    with store.write() as tx:
        return people.add_person(tx, SETUP, "王芳", {Role.admin}, now=clock.now())


@pytest.fixture
def author(store, clock, admin) -> Actor:
    with store.write() as tx:
        return people.add_person(
            tx, admin, "李雷", {Role.author}, now=clock.now(), password=PASSWORD
        )


def test_person_without_the_role_is_refused_and_told_which(author):
    """The sentence names the role and who can give it."""
    with pytest.raises(NotAllowed, match=r"reviewer / leader.*fabu person roles 李雷 ROLE\.\.\.$"):
        people.require(author, Role.reviewer, Role.leader)


def test_one_of_several_roles_is_enough(author):
    """A verb may be open to more than one."""
    assert None is people.require(author, Role.reviewer, Role.author)


def test_administrator_may_not_review(admin):
    """Who manages accounts of people must not thereby be able to sign."""
    with pytest.raises(NotAllowed):
        people.require(admin, Role.reviewer)


def test_only_an_administrator_adds_people(store, clock, author):
    """Every verb takes an actor, and the core asks."""
    with pytest.raises(NotAllowed), store.write() as tx:
        people.add_person(tx, author, "韩梅", {Role.author}, now=clock.now())


def test_name_that_is_taken_is_refused(store, clock, admin, author):
    """Also with blanks around it: events name people by name."""
    with pytest.raises(Conflict, match="already a person called 李雷"), store.write() as tx:
        people.add_person(tx, admin, " 李雷 ", {Role.author}, now=clock.now())


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 41])
def test_name_that_cannot_be_shown_is_refused(store, clock, admin, name):
    """Line breaks in a name would forge lines of a log."""
    with pytest.raises(InputError), store.write() as tx:
        people.add_person(tx, admin, name, set(), now=clock.now())


@pytest.mark.parametrize("password", ["ninechars", "x" * 201])
def test_password_of_the_wrong_length_is_refused(store, clock, admin, author, password):
    """Ten characters at least; and not a whole file."""
    with pytest.raises(InputError), store.write() as tx:
        people.set_password(tx, admin, author.id, password, now=clock.now())


def test_right_password_gives_the_person(store, author):
    """Names are found with blanks around them."""
    with store.read() as tx:
        assert author == people.check_password(tx, " 李雷 ", PASSWORD)


def test_wrong_name_and_wrong_password_sound_the_same(store, admin, author):
    """Nobody learns which names exist; a person without a password cannot log in by any."""
    sentences = set()
    for name, password in (("李雷", "wrong horse"), ("nobody", PASSWORD), ("王芳", "")):
        with store.read() as tx, pytest.raises(NotAllowed) as raised:
            people.check_password(tx, name, password)
        sentences.add(str(raised.value))
    assert 1 == len(sentences)


def test_password_is_stored_as_an_argon2_hash(store, author):
    """A stolen database logs nobody in."""
    with store.read() as tx:
        stored = tx.exec_driver_sql("select password_hash from person where name = '李雷'").scalar()
    assert "$argon2id$" == str(stored)[:10]


def test_new_password_ends_old_logins(store, clock, admin, author):
    """Changed because it was seen by others."""
    with store.write() as tx:
        token = people.issue_token(tx, author, now=clock.now())
        people.set_password(tx, author, author.id, "another horse", now=clock.now())
    with store.read() as tx, pytest.raises(NotAllowed, match="fabu login"):
        people.actor_of_token(tx, token, now=clock.now())


def test_author_may_not_set_another_s_password(store, clock, admin, author):
    """Their own only."""
    with pytest.raises(NotAllowed), store.write() as tx:
        people.set_password(tx, author, admin.id, PASSWORD, now=clock.now())


def test_token_gives_its_person_for_ninety_days(store, clock, author):
    """To the second."""
    with store.write() as tx:
        token = people.issue_token(tx, author, now=clock.now())
    clock.advance(90 * 86_400 - 1)
    with store.read() as tx:
        assert author == people.actor_of_token(tx, f"{token}\n", now=clock.now())
    clock.advance(1)
    with store.read() as tx, pytest.raises(NotAllowed):
        people.actor_of_token(tx, token, now=clock.now())


def test_token_itself_is_not_in_the_database(store, clock, author):
    """Its SHA-256 only; and the history does not have it either."""
    with store.write() as tx:
        token = people.issue_token(tx, author, now=clock.now())
    with store.read() as tx:
        rows = [
            *tx.exec_driver_sql("select * from token"),
            *tx.exec_driver_sql("select * from event"),
        ]
    assert token not in str(rows)


def test_roles_are_those_of_now_and_not_of_login(store, clock, admin, author):
    """A role taken away is gone at the next command."""
    with store.write() as tx:
        token = people.issue_token(tx, author, now=clock.now())
        people.set_roles(tx, admin, author.id, {Role.leader}, now=clock.now())
    with store.read() as tx:
        found = people.actor_of_token(tx, token, now=clock.now())
    assert frozenset({Role.leader}) == found.roles


def test_person_who_left_cannot_act_and_stays_listed(store, clock, admin, author):
    """History names them; tokens, passwords and lookups do not find them."""
    with store.write() as tx:
        token = people.issue_token(tx, author, now=clock.now())
        people.deactivate(tx, admin, author.id, now=clock.now())
    with store.read() as tx:
        with pytest.raises(NotAllowed):
            people.actor_of_token(tx, token, now=clock.now())
        with pytest.raises(NotAllowed):
            people.check_password(tx, "李雷", PASSWORD)
        with pytest.raises(NotFound):
            people.actor_named(tx, "李雷")
        assert [("王芳", True), ("李雷", False)] == [
            (one.name, one.active) for one in people.list_people(tx)
        ]


def test_last_administrator_stays(store, clock, admin, author):
    """Otherwise nobody could let anybody in again."""
    with pytest.raises(Conflict, match="only administrator"), store.write() as tx:
        people.set_roles(tx, admin, admin.id, {Role.author}, now=clock.now())
    with pytest.raises(Conflict, match="only administrator"), store.write() as tx:
        people.deactivate(tx, admin, admin.id, now=clock.now())


def test_administrator_may_go_when_there_is_another(store, clock, admin, author):
    """The rule is about the last one."""
    with store.write() as tx:
        people.set_roles(tx, admin, author.id, {Role.admin}, now=clock.now())
        people.deactivate(tx, admin, admin.id, now=clock.now())
        assert [False] == [one.active for one in people.list_people(tx) if one.name == "王芳"]


def test_every_write_leaves_a_line_with_its_actor(store, clock, admin, author):
    """Who made whom, and no secret among it."""
    with store.write() as tx:
        people.set_roles(tx, admin, author.id, {Role.leader}, now=clock.now())
        people.set_password(tx, author, author.id, "another horse", now=clock.now())
        lines = events.of_subject(tx, "person", author.id)
    assert [
        ("add", "person:王芳"),
        ("set_roles", "person:王芳"),
        ("set_password", "person:李雷"),
    ] == [(line.verb, line.actor) for line in lines]
    assert {"before": "author", "after": "leader"} == events.detail_of(lines[1])
    assert "horse" not in str(lines)


def test_unknown_role_is_refused_with_the_list():
    """The words a person may type."""
    with pytest.raises(InputError, match="author, reviewer, operator, leader, admin"):
        people.parse_roles(["author", "editor"])


def test_person_who_is_not_there_is_not_found(store, clock, admin):
    """By number as by name."""
    with pytest.raises(NotFound), store.write() as tx:
        people.set_password(tx, admin, 99, PASSWORD, now=clock.now())
