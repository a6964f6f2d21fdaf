"""`/callback/wechat/ACCOUNT`: WeChat says that a job ended, so we look at once.

Plain mode. No session and no origin: each request proves itself by its signature, and the worst a
forged one can do is one early look. A job that ends before its number is written down here is
looked for at its usual time.
"""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from console.desk import Desk
from console.guard import Here, address_of
from console.wechat_push import BYTES_MAX, BadXml, is_signed, read
from scheduler import secrets
from scheduler.errors import FabuError
from scheduler.setup_form import CALLBACK_TOKEN
from scheduler.store.accounts import by_name
from scheduler.store.pushed import look_soon
from scheduler.words import N_, _

LOG = logging.getLogger("fabu.console")
router = APIRouter()
ADDRESS = "/callback/wechat/{account}"
CHANNEL = "wechat"
ECHO_MAX = 256
REFUSED = N_("This request is not signed with the Token of an account here.")
TOO_MANY = N_("Too many requests; try again in a minute.")
NO_XML = N_("This is no XML of WeChat's message push.")
PLAIN_ONLY = N_(
    "Only plain mode is understood. Set the message push of this account to plain mode (明文模式)"
    " in the WeChat console."
)


def _refusal(request: Request, desk: Desk, account: str) -> Response | None:
    """Give why a request may not go on; None when it is signed for this account."""
    if not desk.pace.allows(address_of(request), desk.clock.now()):
        return PlainTextResponse(_(TOO_MANY), 429)
    told = request.query_params
    token = _token(desk, account)
    given = (told.get("signature", ""), told.get("timestamp", ""), told.get("nonce", ""))
    if not all(given) or not is_signed(token, *given):
        return PlainTextResponse(_(REFUSED), 403)
    return None


def _token(desk: Desk, account: str) -> str:
    """Give the account's Token, "" where there is no such account or none was given."""
    entry = desk.settings.accounts.get(account)
    if entry is None or entry.channel != CHANNEL:
        return ""
    try:
        with desk.store.read() as tx:
            return secrets.get_extra(tx, desk.settings, account, CALLBACK_TOKEN)
    except FabuError as error:
        LOG.warning("the Token of %s cannot be read: %s", account, error)
        return ""


async def body_of(request: Request) -> bytes:
    """Read the body; the guard has seen that it is small."""
    return await request.body()


@router.get(ADDRESS)
def check(request: Request, desk: Here, account: str, echostr: str = "") -> Response:
    """Answer the check of this address, made when it is entered in the WeChat console."""
    refused = _refusal(request, desk, account)
    return refused or PlainTextResponse(echostr[:ECHO_MAX])


@router.post(ADDRESS)
def push(
    request: Request, desk: Here, account: str, body: Annotated[bytes, Depends(body_of)]
) -> Response:
    """Take a push: the end of a job brings its look forward, everything else is let go."""
    if refused := _refusal(request, desk, account):
        return refused
    if len(body) > BYTES_MAX:
        return PlainTextResponse(_(NO_XML), 413)
    try:
        told = read(body)
    except BadXml:
        return PlainTextResponse(_(NO_XML), 400)
    if told.is_sealed or request.query_params.get("encrypt_type", "raw") != "raw":
        LOG.warning("message push of %s is encrypted: set it to plain mode", account)
        return PlainTextResponse(_(PLAIN_ONLY), 501)
    if told.tells_an_end:
        with desk.store.write() as tx:
            account_id = by_name(tx, account).id
            found = look_soon(tx, account_id, told.jobs, now=desk.clock.now())
        if found:
            LOG.info("%s told of delivery %s: %s", account, found, told.event)
    return PlainTextResponse("success")
