"""Secrets, lists, policies and the workspace, through the real server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import struct
import time
from datetime import datetime, timedelta, timezone

import pytest

import halfkey
from halfkey import Halfkey, HalfkeySync
from halfkey._protocol.encoding import b64, random_key

from .conftest import Server


def test_a_secret_opens_once_and_is_then_gone(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("once", hours=1)
    assert secret.expires_in_hours == 1
    opened = anyone.open(secret.share_url)
    assert opened.text == "once"
    opened.done()
    opened.done()
    with pytest.raises(halfkey.Gone) as caught:
        anyone.open_link(secret.share_url)
    assert caught.value.details["cause"] == "viewed"
    assert [event.type for event in owner.get_events(secret.slug)][:3] == ["created", "opened", "acked"]


def test_looking_at_a_link_uses_up_nothing(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", message="note")
    for _ in range(3):
        link = anyone.open_link(secret.share_url)
        assert (link.note, link.views_left, link.attempts_left) == ("note", 1, 10)
    assert owner.get_details(secret.slug).current_views == 0


def test_a_reveal_continues_after_a_crash_and_spends_one_view(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", views=1)
    link = anyone.open_link(secret.share_url)
    link.reveal()
    again = anyone.open_link(secret.share_url, reveal_id=link.reveal_id)
    assert again.needs.password is None
    assert again.reveal().text == "x"
    with pytest.raises(halfkey.Gone):
        anyone.open_link(secret.share_url).reveal()
    assert owner.get_details(secret.slug).current_views == 1


def test_passwords_are_asked_for_before_anything_is_sent(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", password="right", max_attempts=2)
    link = anyone.open_link(secret.share_url)
    with pytest.raises(halfkey.PasswordRequired):
        link.reveal()
    with pytest.raises(halfkey.PasswordWrong) as caught:
        link.reveal(password="wrong")
    assert caught.value.details["attempts_left"] == 1
    assert link.reveal(password="right").text == "x"
    with pytest.raises(halfkey.ValidationError):
        anyone.open_link(owner.create("x").share_url).reveal(password="none")


def test_a_locked_secret_can_be_unlocked_by_its_owner(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", password="right", max_attempts=1)
    link = anyone.open_link(secret.share_url)
    with pytest.raises(halfkey.PasswordWrong):
        link.reveal(password="wrong")
    with pytest.raises(halfkey.Locked):
        link.reveal(password="right")
    assert owner.get_details(secret.slug).status == "locked"
    assert owner.patch(secret.slug, unlock=True).status == "active"
    assert link.reveal(password="right").text == "x"


def test_captchas_are_solved(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", captcha=True)
    assert anyone.open_link(secret.share_url).needs.captcha
    assert anyone.open(secret.share_url).text == "x"


def test_one_time_codes_of_an_app(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", otp={"type": "totp", "secret": "jbswy3dpehpk3pxpjbswy3dpehpk3pxp===="})
    link = anyone.open_link(secret.share_url)
    with pytest.raises(halfkey.OtpRequired):
        link.reveal()
    digest = hmac.digest(
        base64.b32decode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), struct.pack(">Q", int(time.time()) // 30), "sha1"
    )
    offset = digest[-1] & 15
    code = f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"
    assert link.reveal(otp=f"{code[:3]} {code[3:]}").text == "x"


def test_networks_deny_others(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", ip_whitelist="192.0.2.0/24, 2001:db8::1")
    with pytest.raises(halfkey.IpDenied):
        anyone.open(secret.share_url)
    assert owner.get_details(secret.slug).ip_whitelist == ["192.0.2.0/24", "2001:db8::1"]


def test_unlimited_views_and_recoverable_links(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    secret = owner.create("x", views=halfkey.UNLIMITED, recoverable=True)
    details = owner.get_details(secret.slug)
    assert details.maximum_views is None
    assert f"{details.share_url}#{details.fragment}" == secret.share_url
    assert anyone.open(secret.share_url).text == "x"


def test_lists_page_and_filter(server: Server, owner: HalfkeySync) -> None:
    made = [owner.create(f"{number}", description=f"listed {number}").slug for number in range(3)]
    page = owner.list_secrets(status="active", limit=2)
    assert len(page) == 2
    assert page.pagination.per_page == 2
    assert page[0].description == "listed 2"
    assert set(made) <= {secret.slug for secret in owner.secrets(status="active", limit=2)}
    with HalfkeySync(server.url, token=server.token) as blind:
        assert blind.list_secrets(limit=1)[0].description is None
    with HalfkeySync(server.url, token=server.token, workspace_key=b64(random_key())) as other:
        assert other.list_secrets(limit=1)[0].meta_error
        with pytest.raises(halfkey.WrongKey):
            other.get_details(made[0])
        with pytest.raises(halfkey.WrongKey):
            other.create("x", description="with another workspace's key")


def test_a_patch_shortens_and_describes_but_never_loosens(owner: HalfkeySync) -> None:
    secret = owner.create("x", hours=10, views=5, description="before", message="note")
    changed = owner.patch(secret.slug, hours=1, views=2, description="after")
    assert (changed.maximum_views, changed.description, changed.message) == (2, "after", "note")
    assert changed.expiration < secret.expiration
    with pytest.raises(halfkey.ValidationError) as caught:
        owner.patch(secret.slug, views=3)
    assert "views" in caught.value.details
    with pytest.raises(halfkey.ValidationError):
        owner.patch(secret.slug)


def test_anonymous_secrets_are_managed_with_their_manage_key(anyone: HalfkeySync, owner: HalfkeySync) -> None:
    secret = anyone.create("x")
    assert anyone.get_details(secret.slug, manage_key=secret.manage_key).creator == "anonymous"
    with pytest.raises(halfkey.NotFound):
        owner.delete(secret.slug)
    anyone.delete(secret.slug, manage_key=secret.manage_key)
    anyone.delete(secret.slug, purge=True, manage_key=secret.manage_key)
    with pytest.raises(halfkey.NotFound):
        anyone.get_details(secret.slug, manage_key=secret.manage_key)


def test_stats_and_the_workspace(owner: HalfkeySync) -> None:
    before = owner.get_stats()
    owner.create("x")
    after = owner.get_stats()
    assert after.total_secrets == before.total_secrets + 1
    workspace = owner.get_workspace()
    assert workspace.workspace_check == owner.workspace_check()
    assert "secrets" in "".join(workspace.usage)


def test_tokens_are_created_limited_and_revoked(server: Server, owner: HalfkeySync) -> None:
    made = owner.tokens.create("limited", scopes=["secrets:read"], ips="127.0.0.1", expires_in=3600)
    with HalfkeySync(server.url, token=made.token) as limited:
        limited.get_stats()
        with pytest.raises(halfkey.PermissionDenied):
            limited.create("x")
    assert made.id in [token.id for token in owner.tokens.list()]
    revoked = owner.tokens.revoke(made.id, descendants=True)
    assert [token.id for token in revoked.revoked] == [made.id]
    with HalfkeySync(server.url, token=made.token) as limited, pytest.raises(halfkey.AuthenticationError):
        limited.get_stats()


def test_the_log_is_read_exported_and_verified(owner: HalfkeySync) -> None:
    start = datetime.now(timezone.utc) - timedelta(seconds=1)
    slug = owner.create("x").slug
    owner.kms.put("audit/a", "value")
    page = owner.audit.list(limit=2)
    assert len(page.entries) == 2
    assert page.next is not None
    assert [entry.type for entry in owner.audit.entries(slug=slug, since=start)] == ["created"]
    assert {entry.handler for entry in owner.audit.entries(type="kms.put")} >= {"audit/a"}

    export = owner.audit.export()
    count = halfkey.verify_export(export.content, export.head)
    assert count == len(export.content.splitlines())
    assert owner.audit.verify(export.head).valid
    assert owner.audit.export("csv").content.startswith(b"id,")

    lines = export.content.splitlines()
    changed = export.content.replace(slug.encode(), slug[::-1].encode(), 1)
    swapped = b"\n".join([lines[1], lines[0], *lines[2:]])
    for other, head in [(changed, None), (swapped, None), (b"\n".join(lines[:-1]), export.head)]:
        with pytest.raises(halfkey.Tampered):
            halfkey.verify_export(other, head)


def test_webhooks_are_managed_and_their_messages_verified(owner: HalfkeySync) -> None:
    webhook = owner.webhooks.create("http://127.0.0.1:9/halfkey")
    assert webhook.id in [found.id for found in owner.webhooks.list()]
    rotated = owner.webhooks.rotate(webhook.id)
    assert rotated.secret != webhook.secret
    assert rotated.previous_until is not None
    delivery = owner.webhooks.test(webhook.id)
    assert delivery.id in [found.id for found in owner.webhooks.deliveries(limit=5)]
    owner.webhooks.delete(webhook.id)


def signed(secret: str, body: bytes, at: int) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"msg_1.{at}.".encode() + body, hashlib.sha256)).decode()
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at), "Webhook-Signature": f"v1,AAAA v1,{signature}"}


def test_only_fresh_messages_with_the_right_signature_are_taken() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"type":"secret.opened","data":{}}'
    headers = signed(secret, body, 1000)
    assert halfkey.verify_webhook(secret, headers, body, now=1299)["type"] == "secret.opened"
    wrong = [
        (secret, headers, body, 1301),
        (secret, headers, body, 699),
        (secret, headers, body + b" ", 1000),
        ("whsec_AAAA", headers, body, 1000),
        (secret, {**headers, "Webhook-Id": "msg_2"}, body, 1000),
        (secret, {}, body, 1000),
    ]
    for key, given, message, now in wrong:
        with pytest.raises(halfkey.Tampered):
            halfkey.verify_webhook(key, given, message, now=now)


def test_the_asyncio_client_does_the_same(server: Server) -> None:
    async def journey() -> None:
        async with Halfkey(server.url, token=server.token, workspace_key=server.workspace_key) as client:
            secrets = await asyncio.gather(*(client.create(f"{number}", description="async") for number in range(10)))
            opened = await asyncio.gather(*(client.open(secret.share_url, password=None) for secret in secrets))
            assert [one.text for one in opened] == [f"{number}" for number in range(10)]
            slugs = [secret.slug async for secret in client.secrets(limit=5)]
            assert {secret.slug for secret in secrets} <= set(slugs)
            await client.kms.put("async/a", "value")
            assert (await client.kms.reveal("async/a")).text == "value"
            assert [entry.handler async for entry in client.kms.entries(prefix="async/")] == ["async/a"]
            asked = await client.create_request(message="please")
            await (await client.open_ask(asked.ask_url)).answer("answer")
            answers = [answer async for answer in (await client.open_collect(asked.collect_url)).watch(interval=0.05)]
            assert (await (await answers[0].open()).reveal()).text == "answer"
            assert (await client.get_stats()).total_secrets > 9

    asyncio.run(journey())
