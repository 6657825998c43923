"""Tokens, webhooks and the access log, as their owner asks for them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from . import _check as rules
from ._errors import Malformed, Tampered
from ._flow import Flow
from ._http import fetch, json_body, query
from ._owner import Owner
from ._protocol.encoding import b64, from_json
from ._read import read, read_list
from ._records import (
    AuditExport,
    AuditHead,
    AuditPage,
    AuditVerified,
    Delivery,
    NewToken,
    Page,
    RevokedTokens,
    Token,
    Webhook,
    WebhookSecret,
)
from ._secrets import read_page

_MAX_AGE = 300
"""Seconds that a message's time may differ from now (Standard Webhooks)."""


def list_tokens(owner: Owner) -> Flow[list[Token]]:
    """All tokens, revoked and expired ones included."""
    return read_list(Token, (yield from owner.call("GET", "/tokens")).data)


def create_token(
    owner: Owner,
    name: str,
    scopes: Sequence[str],
    handlers: Sequence[str] | None,
    ips: str | Sequence[str] | None,
    expires_in: int | None,
) -> Flow[NewToken]:
    """Create a token. Never retried: a second call would create another."""
    rules.check(
        "name",
        "scopes",
        name=(name, rules.TEXT),
        scopes=(scopes, rules.SCOPES),
        handlers=(handlers, rules.PATTERNS),
        ips=(ips, rules.NETWORKS),
        expires_in=(expires_in, rules.SECONDS),
    )
    fields = {
        "name": name,
        "scopes": list(scopes),
        "handlers": None if handlers is None else list(handlers),
        "ips": None if ips is None else rules.list_of(ips),
        "expires_in": expires_in,
    }
    return read(NewToken, (yield from owner.call("POST", "/tokens", body=json_body(fields), retry=False)).data)


def revoke_token(owner: Owner, token_id: str, descendants: bool) -> Flow[RevokedTokens]:
    """Revoke a token at once and for good."""
    rules.check("id", id=(token_id, rules.TOKEN_ID), descendants=(descendants, rules.BOOLEAN))
    path = f"/tokens/{token_id}{'?descendants=true' if descendants else ''}"
    return read(RevokedTokens, (yield from owner.call("DELETE", path)).data)


def list_webhooks(owner: Owner) -> Flow[list[Webhook]]:
    """All webhooks of the workspace."""
    return read_list(Webhook, (yield from owner.call("GET", "/webhooks")).data)


def create_webhook(owner: Owner, url: str) -> Flow[WebhookSecret]:
    """Create a webhook. Never retried: a second call would create another."""
    rules.check("url", url=(url, rules.TEXT))
    reply = yield from owner.call("POST", "/webhooks", body=json_body({"url": url}), retry=False)
    return read(WebhookSecret, reply.data)


def on_webhook(owner: Owner, method: str, webhook_id: str, action: str) -> Flow[Any]:
    """A call about one webhook; never retried."""
    rules.check("id", id=(webhook_id, rules.WEBHOOK_ID))
    return (yield from owner.call(method, f"/webhooks/{webhook_id}{action}", retry=False)).data


def rotate_webhook(owner: Owner, webhook_id: str) -> Flow[WebhookSecret]:
    """Give a webhook a new secret."""
    return read(WebhookSecret, (yield from on_webhook(owner, "POST", webhook_id, "/rotate")))


def test_webhook(owner: Owner, webhook_id: str) -> Flow[Delivery]:
    """Send a message of the type ``webhook.test``."""
    return read(Delivery, (yield from on_webhook(owner, "POST", webhook_id, "/test")))


def delete_webhook(owner: Owner, webhook_id: str) -> Flow[None]:
    """Delete a webhook."""
    yield from on_webhook(owner, "DELETE", webhook_id, "")


def list_deliveries(owner: Owner, status: str | None, limit: int | None, page: int | None) -> Flow[Page[Delivery]]:
    """The workspace's messages by webhook and e-mail, newest first."""
    rules.check(status=(status, rules.DELIVERY_STATUS), limit=(limit, rules.LIMIT), page=(page, rules.PAGE))
    reply = yield from owner.call("GET", query("/deliveries", status=status, per_page=limit, page=page))
    return read_page(read_list(Delivery, reply.data), reply.pagination)


def redeliver(owner: Owner, delivery_id: str) -> Flow[Delivery]:
    """Deliver a message again, under the same id."""
    rules.check("id", id=(delivery_id, rules.WEBHOOK_ID))
    reply = yield from owner.call("POST", f"/deliveries/{delivery_id}/redeliver", retry=False)
    return read(Delivery, reply.data)


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> dict[str, Any]:
    """Verify a message that Halfkey posted, as Standard Webhooks has it, and return it.

    :param secret: ``whsec_…``, from ``webhooks.create`` or ``webhooks.rotate``
    :param headers: of the request; the case of their names doesn't matter
    :param body: the raw bytes, before any JSON parser
    :param now: seconds since 1970; default: the clock's
    :returns: ``{"type", "timestamp", "data"}`` (docs/webhooks.md)
    :raises Tampered: if it isn't from Halfkey, was changed, or is more than five minutes old
    :raises Malformed: for a secret that isn't one
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise Malformed("The webhook's secret is malformed. It must be whsec_ and base64.")
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    current = time.time() if now is None else now
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    if not is_number or abs(current - int(timestamp)) > _MAX_AGE:
        raise Tampered("The message is too old, from the future, or not from Halfkey.")
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
    signatures = given.get("webhook-signature", "").encode().split(b" ")
    if not any(hmac.compare_digest(expected, signature) for signature in signatures):
        raise Tampered("The message isn't signed with this webhook's secret.")
    return from_json(body)


@dataclass(frozen=True)
class AuditFilter:
    """Which entries of the log are wanted."""

    after: int | None
    since: datetime | None
    until: datetime | None
    type: str | None
    slug: str | None
    handler: str | None

    def path(self, **more: object) -> str:
        """The path with its query; :class:`ValidationError`."""
        rules.check(
            after=(self.after, rules.ENTRY_ID),
            since=(self.since, rules.TIME),
            until=(self.until, rules.TIME),
            type=(self.type, rules.EVENT_TYPE),
            slug=(self.slug, rules.SLUG),
            handler=(self.handler, rules.TEXT),
        )
        return query(
            "/audit",
            after=self.after,
            since=_iso(self.since),
            until=_iso(self.until),
            type=self.type,
            slug=self.slug,
            handler=self.handler,
            **more,
        )


def _iso(moment: datetime | None) -> str | None:
    return (
        None
        if moment is None
        else moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def list_audit(owner: Owner, wanted: AuditFilter, limit: int | None) -> Flow[AuditPage]:
    """One page of the access log, oldest first."""
    rules.check(limit=(limit, rules.LOG_LIMIT))
    return read(AuditPage, (yield from owner.call("GET", wanted.path(limit=limit))).data)


def export_audit(owner: Owner, form: str, wanted: AuditFilter) -> Flow[AuditExport]:
    """The log as a file."""
    rules.check("format", format=(form, rules.FORMAT))
    owner.check_keys()
    reply = yield from fetch(owner.prepare("GET", wanted.path(format=form)), owner.transport)
    if reply.body is None:
        raise Malformed("The log is larger than 32 MiB. Export it in pieces, with since and until.")
    number, _, chain = reply.headers.get("halfkey-audit-head", "").partition(":")
    head = AuditHead(int(number), chain) if chain and number.isdigit() else None
    return AuditExport(bytes(reply.body), head)


def verify_audit(owner: Owner, head: AuditHead | None) -> Flow[AuditVerified]:
    """Have the server check the whole log."""
    fields = {"head": None if head is None else {"id": head.id, "chain": head.chain}}
    return read(AuditVerified, (yield from owner.call("POST", "/audit/verify", body=json_body(fields))).data)


_ENTRY = ("id", "nonce", "slug", "type", "reason", "at", "ip", "user_agent", "country")
_NAMED = ("handler", "version", "token_id", "token")


def verify_export(content: bytes, head: AuditHead | None = None) -> int:
    """Verify an export in JSON Lines without the server: every entry has the hash of what it says, and their order is kept.

    The chain of the hashes can only be verified with the server's key: ``audit.verify`` does that.

    :param head: a head that was noted before, which the export must hold
    :returns: the number of entries
    :raises Tampered: naming the first entry that was changed
    :raises Malformed: for what isn't such an export
    """
    last, count, found = -1, 0, head is None
    for line in content.splitlines():
        entry = from_json(line)
        number = entry.get("id")
        if not isinstance(number, int) or number <= last:
            raise Tampered(f"Entry {number} isn't after entry {last}.")
        if not entry.get("purged") and entry.get("entry_hash") != _hash_of(entry):
            raise Tampered(f"Entry {number} was changed.")
        found = found or (head is not None and head.id == number and head.chain == entry.get("chain"))
        last, count = number, count + 1
    if not found:
        raise Tampered(f"The export doesn't hold entry {head.id if head else ''} as it was noted.")
    return count


def _hash_of(entry: dict[str, Any]) -> str:
    values = [entry.get(name) for name in _ENTRY]
    if entry.get("handler") is not None:
        values += [entry.get(name) for name in _NAMED]
    if entry.get("basis") is not None:
        values.append(entry["basis"])
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())
