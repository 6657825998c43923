"""Named secrets for backends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from .._drivers import AsyncDriver
from .._kms import UNCHANGED, KmsCore
from .._owner import Owner
from .._records import KmsEntry, KmsEvents, KmsPut, KmsRevealed, KmsVersion, Page


class Kms:
    """``client.kms``: needs a token, and for whatever seals or opens a key that covers it: W, a folder or an entry key."""

    def __init__(self, owner: Owner, driver: AsyncDriver) -> None:
        self._core = KmsCore(owner)
        self._driver = driver

    def derive_key(self, name: str) -> str:
        """The text of a folder key (``orders/``) or an entry key (``orders/db``), for a machine that needs no more.

        Sends nothing. Derived from the first of this client's keys that covers it.

        :returns: ``orders/:1`` and 91 characters
        :raises KeyNotCovering: if none of this client's keys covers it
        """
        return self._core.derive_key(name)

    async def put(
        self,
        handler: str,
        value: str | bytes,
        *,
        name: str | None = None,
        properties: dict[str, Any] | None = None,
        whitelist: str | Sequence[str] | None = UNCHANGED,
        expires_in: int | None = None,
        rotate_after: int | None = UNCHANGED,
        version: int | None = None,
    ) -> KmsPut:
        """Seal a value and store it as a new version, kept as it is to the byte.

        Without ``version`` it becomes the newest + 1, however many others put at the same time. What is left out stays as
        it was; ``name`` and ``properties`` are replaced together.

        :param whitelist: addresses and CIDR blocks that may reveal it; None: any
        :param expires_in: seconds until this version isn't given out any more; default: never
        :param rotate_after: seconds after which a newer version is due; None: never
        :raises Conflict: if ``version`` isn't the newest + 1, which ``details["newest"]`` names
        :raises KeyNotCovering: before any request
        :raises WrongKey: if the workspace has another key, or the name and properties that are there don't open
        :raises PayloadTooLarge: over 1 MiB
        """
        core = self._core
        return await self._driver.run(
            core.put(handler, value, name, properties, whitelist, expires_in, rotate_after, version)
        )

    async def reveal(self, handler: str, *, version: int | None = None, ttl: int | None = None) -> KmsRevealed:
        """The newest value, or that of a version.

        :param ttl: seconds for which the value is kept in memory, and one kept before will do; default: not at all
        :raises KeyNotCovering: before any request
        :raises PermissionDenied: for whatever reason it is refused, there being none included
        :raises WrongKey: if it was sealed under another key, or is another entry or version than the server says
        """
        return await self._driver.run(self._core.reveal(handler, version, ttl))

    async def list(
        self, *, prefix: str | None = None, limit: int | None = None, page: int | None = None
    ) -> Page[KmsEntry]:
        """One page, by handler: those that the token may name, with name and properties where a key covers them."""
        return await self._driver.run(self._core.list_page(prefix, limit, page))

    async def entries(self, *, prefix: str | None = None, limit: int = 100) -> AsyncIterator[KmsEntry]:
        """All of them, by handler; of what is made or deleted meanwhile, some may be missed.

        :param limit: entries that are asked for at once, 1 to 100
        """
        page, last = 1, 1
        while page <= last:
            found = await self.list(prefix=prefix, limit=limit, page=page)
            for entry in found:
                yield entry
            page, last = page + 1, found.pagination.last_page

    async def get(self, handler: str) -> KmsEntry:
        """Everything but the value.

        :raises NotFound: if there is none
        :raises WrongKey: if no key opens its name and properties
        :raises KeyNotCovering: before any request, if there are keys and none covers the handler
        """
        return await self._driver.run(self._core.get(handler))

    async def update(
        self,
        handler: str,
        *,
        name: str | None = None,
        properties: dict[str, Any] | None = None,
        whitelist: str | Sequence[str] | None = UNCHANGED,
        expires_in: int | None = UNCHANGED,
        rotate_after: int | None = UNCHANGED,
    ) -> KmsEntry:
        """Change anything but the value; what is left out stays as it was. Needs the scope ``kms:write``.

        :returns: the entry as it is afterwards
        """
        core = self._core
        return await self._driver.run(core.update(handler, name, properties, whitelist, expires_in, rotate_after))

    async def versions(self, handler: str, *, limit: int | None = None, page: int | None = None) -> Page[KmsVersion]:
        """One page of the versions, newest first; :class:`NotFound`."""
        return await self._driver.run(self._core.versions(handler, limit, page))

    async def events(self, handler: str, *, before: int | None = None, limit: int | None = None) -> KmsEvents:
        """Who did what, when and from where, newest first.

        :param before: the id after the first that is wanted
        :param limit: events a page, 1 to 1000; default 100
        """
        return await self._driver.run(self._core.events(handler, before, limit))

    async def rollback(self, handler: str, to_version: int) -> KmsPut:
        """Put the value of an older version as a new one."""
        return await self._driver.run(self._core.rollback(handler, to_version))

    async def destroy_version(self, handler: str, version: int) -> None:
        """Destroy a version's value at once and for good; its number stays taken. Again: nothing more."""
        await self._driver.run(self._core.destroy_version(handler, version))

    async def delete(self, handler: str) -> None:
        """Destroy every version at once; a later put goes on from the newest number. Again: nothing more."""
        await self._driver.run(self._core.delete(handler))
