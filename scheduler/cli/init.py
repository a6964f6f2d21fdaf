"""`fabu init DIR`: a new home, and the first person in it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import choice
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli import context, show
from scheduler.errors import ConfigError, InputError, os_reason
from scheduler.words import _, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.cli.init_wizard import Answers

TEMPLATE = """\
# 发布台的配置:这台机器怎样运行。人员、栏目、指标、时段等由人决定的内容存放在数据库里。
# 相对路径从本文件所在的文件夹算起。改完以后运行 fabu doctor 检查。

# 单位名称,显示在页面和报表上
bureau = {bureau}

[database]
# 默认是旁边的 SQLite 文件;多台机器共用时改为 postgresql://用户@主机/数据库
url = {database}

[daemon]
# 同时发送的任务数
workers = 4
# 本机在记录里的名字;不写就用主机名
# node = "desk-1"

[network]
# 访问互联网用的代理,例如 http://10.0.0.1:3128;不用代理就留空
proxy = ""

[secrets]
# 密钥文件:没有它,数据库里加密保存的平台密钥打不开。请与数据库分开备份
key_file = "secret.key"

# 每个账号一节。节名只用小写字母、数字和连字符。
# 平台密钥不写在这里,用命令保存:fabu account login 账号名
# 也可以在页面“设置”里添加、修改和停用账号:改动写进本文件,其余内容和注释不变。
# 正在运行的程序会自己读入,不必重启
#
# [account.weibo-main]
# channel = "weibo"
# title = "微博官方账号"
# app_id = "微博开放平台的 App Key"
# safe_domain = "www.example.gov.cn"
#
# [account.wechat-main]
# channel = "wechat"
# title = "微信公众号"
# app_id = "wx 开头的开发者 ID"
"""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""For a made password: no letter that looks like another."""
SQLITE = "sqlite:///queue.db"
FILES = ("config.toml", "queue.db", "secret.key")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder to make."))],
    bureau: Annotated[str, typer.Option(help=_("The bureau's name."))] = "",
    person: Annotated[
        str, typer.Option(help=_("Your name in the desk; without it your name on this machine."))
    ] = "",
    database: Annotated[
        str, typer.Option(help=_("A PostgreSQL address instead of a SQLite file in DIR."))
    ] = "",
) -> None:
    """Make a new home: config.toml, database and key file."""
    from scheduler import people
    from scheduler.cli import init_wizard as wizard

    folder = folder.expanduser().resolve()
    _refuse_existing(folder)
    bureau = bureau.strip() or show.ask(_("Name of the bureau"))
    name = people.clean_name(person.strip() or show.ask(_("Your name"), default=context.os_user()))
    password = _ask_password()
    if password:
        people.check_new_password(password)
    made = "" if password or not context.is_terminal() else _made_password()
    answers = wizard.ask(name) if wizard.is_wanted() else wizard.Answers()
    try:
        _make_files(folder, bureau, database or SQLITE)
        context.keep_token(folder, _fill(folder, name, password or made, answers))
    except BaseException:
        for file in FILES:
            # Half a home would refuse the next try.
            with suppress(OSError):
                (folder / file).unlink()
        raise
    show.done(
        say(_("Made {folder}. You are logged in as {person}."), {"folder": folder, "person": name})
    )
    if answers.ledger is not None:
        _offer_ledger(folder, name, answers)
    _say_next(folder, name, made, has_password=bool(password or made))


def _say_next(folder: Path, name: str, made: str, *, has_password: bool) -> None:
    """Say how to come to the pages: nobody has to write a file or read another text first."""
    told = {"folder": folder, "person": name, "password": made}
    if made:
        show.line(say(_("Your first password for the pages is: {password}"), told))
        show.line(_("Write it down. You change it on the pages, under your name at the top right."))
    if not has_password:
        text = _(
            "To log in on the pages {person} needs a password: fabu -c {folder} person password "
            "{person}"
        )
        show.line(say(text, told))
    show.line(say(_("Next: start daemon and pages with: fabu -c {folder} run --console"), told))
    text = _(
        "Then open the address it tells, log in as {person} and follow the page Set-up: accounts, "
        "people, last year's ledger."
    )
    show.line(say(text, told))


def _offer_ledger(folder: Path, name: str, answers: Answers) -> None:
    from scheduler import config, people
    from scheduler.cli import init_wizard as wizard
    from scheduler.clock import SystemClock
    from scheduler.home import open_database

    assert answers.ledger is not None
    store = open_database(config.load(folder / FILES[0]))
    try:
        with store.read() as tx:
            actor = people.actor_named(tx, name)
        wizard.offer_ledger(store, actor, answers.ledger, SystemClock().now())
    finally:
        store.close()


def _refuse_existing(folder: Path) -> None:
    for name in FILES:
        if (found := folder / name).exists():
            raise ConfigError(
                "There is already {path}: nothing was changed. Choose another folder, or use the "
                "home as it is with: fabu -c {folder} status",
                path=found,
                folder=folder,
            )


def _ask_password() -> str:
    """Ask twice; without a terminal there is no password, and the token file is the login."""
    first = show.ask(_("Your password for the pages (Enter: one is made now)"), hidden=True)
    if first and first != show.ask(_("The same password again"), hidden=True):
        raise InputError("The two passwords differ. Nothing was made; run the command again.")
    return first


def _made_password() -> str:
    """Make a password that is easily copied from a screen by hand."""
    groups = ("".join(choice(LETTERS) for _letter in range(4)) for _group in range(4))
    return "-".join(groups)


def _make_files(folder: Path, bureau: str, database: str) -> None:
    from scheduler import secrets

    try:
        folder.mkdir(parents=True, exist_ok=True)
        said = {"bureau": bureau, "database": database}
        text = TEMPLATE.format(
            **{name: json.dumps(value, ensure_ascii=False) for name, value in said.items()}
        )
        (folder / FILES[0]).write_text(text, encoding="utf-8")
        secrets.make_key(folder / FILES[2])
        if database == SQLITE:
            # It holds persons and password hashes: nobody else on this machine reads it.
            (folder / FILES[1]).touch(0o600)
    except OSError as error:
        raise ConfigError(
            "{folder} cannot be made: {reason}. Choose a folder you may write to.",
            folder=folder,
            reason=os_reason(error),
        ) from None


def _fill(folder: Path, name: str, password: str, answers: Answers) -> str:
    from scheduler import config, people
    from scheduler.cli import init_wizard as wizard
    from scheduler.clock import SystemClock
    from scheduler.home import database_errors
    from scheduler.store import migrate, open_store

    settings = config.load(folder / FILES[0])
    store = open_store(settings.database_url)
    try:
        with database_errors(settings):
            migrate(store)
        with store.write() as tx:
            if people.list_people(tx):
                raise ConfigError(
                    "This database belongs to a desk already. To join it, copy config.toml and"
                    " secret.key from that desk's home instead of making a new one."
                )
            now = SystemClock().now()
            _seed(tx, now)
            roles = (people.Role.author, people.Role.reviewer, people.Role.operator)
            actor = people.add_person(
                tx,
                people.SETUP,
                name,
                {*roles, people.Role.admin},
                now=now,
                password=password,
            )
            token = people.issue_token(tx, actor, now=now)
        wizard.keep(settings, store, actor, answers, now)
        return token
    finally:
        store.close()


def _seed(tx: Connection, now: datetime) -> None:
    from scheduler.ledger import targets
    from scheduler.store import columns

    columns.seed(tx)
    targets.seed(tx, now)
