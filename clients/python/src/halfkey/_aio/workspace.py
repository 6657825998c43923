"""The workspace's tokens, webhooks and access log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from .. import _workspace as calls
from .._drivers import AsyncDriver
from .._owner import Owner
from .._records import (
    AuditEntry,
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


class Tokens:
    """``client.tokens``: the workspace's API tokens. Every call needs a token with the scope ``tokens:admin``."""

    def __init__(self, owner: Owner, driver: AsyncDriver) -> None:
        self._owner = owner
        self._driver = driver

    async def list(self) -> list[Token]:
        """All tokens, revoked and expired ones included."""
        return await self._driver.run(calls.list_tokens(self._owner))

    async def create(
        self,
        name: str,
        *,
        scopes: Sequence[str],
        handlers: Sequence[str] | None = None,
        ips: str | Sequence[str] | None = None,
        expires_in: int | None = None,
    ) -> NewToken:
        """Create a token, which is shown only in this reply. It is never retried: a second call would create another.

        What is left out is copied from the token that asks.

        :param scopes: such as ``kms:reveal``; at least one
        :param handlers: such as ``aws-*``, where ``*`` stands for any characters
        :param ips: addresses and CIDR blocks
        :param expires_in: seconds, 60 to 316,224,000
        :raises PermissionDenied: for more than the asking token may do itself
        """
        return await self._driver.run(calls.create_token(self._owner, name, scopes, handlers, ips, expires_in))

    async def revoke(self, id: str, *, descendants: bool = False) -> RevokedTokens:
        """Revoke a token at once and for good. Calling it again does nothing more.

        :param descendants: also revoke all tokens that it made, directly or not
        """
        return await self._driver.run(calls.revoke_token(self._owner, id, descendants))


class Webhooks:
    """``client.webhooks``: addresses that the server notifies of events, signed as Standard Webhooks.

    Every call needs a token with the scope ``tokens:admin``. :func:`halfkey.verify_webhook` verifies what arrives.
    """

    def __init__(self, owner: Owner, driver: AsyncDriver) -> None:
        self._owner = owner
        self._driver = driver

    async def list(self) -> list[Webhook]:
        """All webhooks of the workspace."""
        return await self._driver.run(calls.list_webhooks(self._owner))

    async def create(self, url: str) -> WebhookSecret:
        """Create a webhook; its secret is shown only in this reply. It is never retried.

        :raises ValidationError: for a URL that the server doesn't call
        :raises QuotaExceeded: past 10
        """
        return await self._driver.run(calls.create_webhook(self._owner, url))

    async def rotate(self, id: str) -> WebhookSecret:
        """Give a webhook a new secret. For 24 hours, messages are signed with the old one too."""
        return await self._driver.run(calls.rotate_webhook(self._owner, id))

    async def test(self, id: str) -> Delivery:
        """Send a message of the type ``webhook.test``."""
        return await self._driver.run(calls.test_webhook(self._owner, id))

    async def delete(self, id: str) -> None:
        """Delete a webhook, and give up the messages that still wait for it."""
        await self._driver.run(calls.delete_webhook(self._owner, id))

    async def deliveries(
        self, *, status: str | None = None, limit: int | None = None, page: int | None = None
    ) -> Page[Delivery]:
        """The workspace's messages by webhook and e-mail, newest first.

        :param status: pending, delivered or failed
        """
        return await self._driver.run(calls.list_deliveries(self._owner, status, limit, page))

    async def redeliver(self, id: str) -> Delivery:
        """Deliver a message again, under the same id."""
        return await self._driver.run(calls.redeliver(self._owner, id))


class Audit:
    """``client.audit``: the workspace's access log. Every call needs a token with the scope ``audit:read``."""

    def __init__(self, owner: Owner, driver: AsyncDriver) -> None:
        self._owner = owner
        self._driver = driver

    async def list(
        self,
        *,
        after: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        type: str | None = None,
        slug: str | None = None,
        handler: str | None = None,
        limit: int | None = None,
    ) -> AuditPage:
        """One page, oldest first.

        :param after: the id before the first that is wanted
        :param since: the earliest time that is wanted
        :param until: the time before which entries must be
        :param limit: entries a page, 1 to 1000; default 100
        """
        wanted = calls.AuditFilter(after, since, until, type, slug, handler)
        return await self._driver.run(calls.list_audit(self._owner, wanted, limit))

    async def entries(
        self,
        *,
        after: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        type: str | None = None,
        slug: str | None = None,
        handler: str | None = None,
    ) -> AsyncIterator[AuditEntry]:
        """All of them, oldest first; the filters are those of :meth:`list`."""
        following: int | None = after or 0
        while following is not None:
            wanted = calls.AuditFilter(following, since, until, type, slug, handler)
            page = await self._driver.run(calls.list_audit(self._owner, wanted, 1000))
            for entry in page.entries:
                yield entry
            following = page.next

    async def export(
        self,
        format: str = "jsonl",
        *,
        after: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        type: str | None = None,
        slug: str | None = None,
        handler: str | None = None,
    ) -> AuditExport:
        """The log as a file: JSON Lines, or CSV in which no cell is a formula. At most 32 MiB.

        :func:`halfkey.verify_export` verifies one in JSON Lines.
        """
        wanted = calls.AuditFilter(after, since, until, type, slug, handler)
        return await self._driver.run(calls.export_audit(self._owner, format, wanted))

    async def verify(self, head: AuditHead | None = None) -> AuditVerified:
        """Have the server check the whole log. Given a head that was noted earlier, it also finds a log that was cut off."""
        return await self._driver.run(calls.verify_audit(self._owner, head))
