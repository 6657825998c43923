"""No secret in a representation, an error or a traceback, even one with the frames' variables."""

from __future__ import annotations

import logging
import traceback

import httpx
import pytest

import halfkey
from halfkey import HalfkeySync
from halfkey._protocol.encoding import b64, random_key
from halfkey._protocol.link import parse_link

from .conftest import Server

URL = "http://halfkey.example"


def test_nothing_that_the_package_gives_shows_a_secret(server: Server, owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("the plain text", password="a password", attachments=[b"file"], recoverable=True)
    link = anyone.open_link(secret.share_url)
    opened = link.reveal(password="a password")
    request = owner.create_request(message="please")
    ask = anyone.open_ask(request.ask_url)
    receipt = ask.answer("the answer")
    collect = anyone.open_collect(request.collect_url)
    put = owner.kms.put("leaks/a", "the value")
    things = [
        owner, secret, link, link.__dict__, link._core.__dict__, opened, opened.files[0], opened.files[0]._granted,
        owner.get_details(secret.slug), request, ask, ask._core.__dict__, receipt, receipt._core.__dict__, collect,
        collect._core.__dict__, collect.answers()[0], put, owner.kms.reveal("leaks/a"), owner.kms._core.__dict__,
        owner._owner, owner.__dict__, owner.tokens.create("leaks", scopes=["kms:reveal"]),
    ]  # fmt: skip
    token = owner.tokens.create("leaks", scopes=["kms:reveal"])
    shown = "\n".join(f"{thing!r} {thing}" for thing in things)
    keys = [
        parse_link(secret.share_url).key,
        collect._core.keys.seed,
        collect._core.keys.ask_key,
        receipt._core.manage_key,
    ]
    hidden = [
        secret.share_url, secret.share_url.partition("#")[2], secret.manage_key, request.ask_url, request.collect_url,
        receipt.status_url, server.token, server.workspace_key, "the plain text", "a password", "the value",
        "the answer", token.token, *(b64(key) for key in keys), *(repr(bytes(key)) for key in keys),
    ]  # fmt: skip
    assert [text for text in hidden if text in shown] == []


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(404, json={"success": False, "error": {"code": "NOT_FOUND", "message": "No."}}),
        httpx.Response(200, json={"success": True, "message": "", "data": {}}),
        httpx.ConnectError("no route"),
    ],
    ids=["refusal", "malformed", "network"],
)
def test_no_traceback_shows_a_token_or_key(reply: httpx.Response | Exception) -> None:
    token, workspace_key = f"hkt_abc_{b64(random_key())}", b64(random_key())

    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(reply, Exception):
            raise reply
        return reply

    client = HalfkeySync(
        URL, token=token, workspace_key=workspace_key, retries=0, transport=httpx.MockTransport(answer)
    )
    with client, pytest.raises(halfkey.HalfkeyError) as caught:
        client.create("x", description="y")
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    # The first is this test's own, which knows them.
    report = repr([frame.locals for frame in frames[1:]])
    assert [frame.name for frame in frames[1:]] == ["create", "run"], "frames with keys in their variables are left out"
    assert [value for value in (token, workspace_key, token[8:]) if value in report] == []


def test_no_error_repeats_a_link_key_or_password(anyone: HalfkeySync, owner: HalfkeySync) -> None:
    secret = owner.create("x", password="right password")
    fragment = secret.share_url.partition("#")[2]
    key = owner.kms.derive_key("leaks/")
    other = "2" if secret.share_url.endswith("1") else "1"
    for broken in (secret.share_url[:-1], secret.share_url[:-1] + other, secret.share_url.replace("#1", "#2")):
        with pytest.raises(halfkey.LinkError) as caught:
            anyone.open_link(broken)
        assert fragment[2:20] not in repr(caught.value)
    with pytest.raises(halfkey.PasswordWrong) as wrong:
        anyone.open(secret.share_url, password="wrong password")
    assert "wrong password" not in repr(wrong.value)
    with pytest.raises(halfkey.KeyTextError) as refused, HalfkeySync(URL, workspace_key=key[:-1]) as machine:
        machine.kms.derive_key("leaks/a")
    assert key[12:30] not in repr(refused.value)


def test_nothing_is_logged_but_what_httpx_logs_of_a_request(
    owner: HalfkeySync, anyone: HalfkeySync, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        secret = owner.create("the plain text")
        anyone.open(secret.share_url).done()
    assert secret.share_url.partition("#")[2] not in caplog.text
    assert "the plain text" not in caplog.text
