"""Opening a link."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event

from .. import _check as rules
from .._create import Meter, Progress
from .._download import Download, Granted
from .._drivers import AsyncDriver
from .._errors import raise_if_invalid
from .._flow import Flow
from .._link import LinkCore, Revealed, Solve
from .._protocol.content import FileEntry
from .._protocol.encoding import utf8
from .._records import LinkFile, Needs, SentCode
from .._save import save


class Link:
    """A link that was checked and can be revealed. Its keys are private: ``repr`` shows the slug alone."""

    def __init__(self, core: LinkCore, driver: AsyncDriver) -> None:
        self._core = core
        self._driver = driver

    def __repr__(self) -> str:
        return f"<Link {self.slug}>"

    @property
    def slug(self) -> str:
        """13 characters that name the secret."""
        return self._core.link.slug

    @property
    def note(self) -> str | None:
        """The sender's message, readable before the reveal."""
        return self._core.status.note

    @property
    def expiration(self) -> datetime | None:
        """When the secret ends, or ended; None while it is locked."""
        return self._core.status.expiration

    @property
    def views_left(self) -> int | None:
        """None: any number until expiry."""
        return self._core.status.views_left

    @property
    def attempts_left(self) -> int:
        """Wrong passwords and codes left before the lock-out, as of ``open_link``."""
        return self._core.status.attempts_left

    @property
    def needs(self) -> Needs:
        """What the reveal will ask for."""
        return self._core.status.needs

    @property
    def files(self) -> Sequence[LinkFile]:
        """Encrypted sizes; names are known after the reveal."""
        return tuple(self._core.status.files)

    @property
    def reveal_id(self) -> str:
        """b64 of 16 bytes: spends at most one view, however often it is sent (claim C6).

        Saved before the reveal and given back to ``open_link``, it gets a lost reply again within the server's grace time.
        """
        return self._core.reveal_id

    async def request_code(self, *, password: str | None = None, captcha: str | Solve | None = None) -> SentCode:
        """Have a one-time code sent to the address that the sender named. Only the newest code counts, for ten minutes.

        :raises PasswordRequired: before anything is sent
        :raises PasswordWrong, RateLimited: the latter after 5 unused codes
        :raises Unavailable: if the code couldn't be sent
        """
        return await self._driver.run(self._core.request_code(password, captcha))

    async def reveal(
        self,
        *,
        password: str | None = None,
        otp: str | None = None,
        captcha: str | Solve | None = None,
        on_progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> Opened:
        """Spend a view and decrypt. Called again, after a wrong password or a lost connection, it continues the same reveal.

        :param captcha: a solution, or a function that returns one; default: solved here
        :raises PasswordRequired, OtpRequired: before anything is sent
        :raises PasswordWrong, OtpWrong: with ``details["attempts_left"]``
        :raises CaptchaWrong, IpDenied, GeoDenied, Gone, Locked: by the sender's policies
        :raises WrongKey, Tampered, Malformed: for what can't be opened
        """
        revealed = await self._driver.run(self._core.reveal(password, otp, captcha, on_progress), cancel)
        return Opened(self._core, self._driver, revealed)


class Opened:
    """What a reveal opened. ``repr`` shows neither the content nor the files' names."""

    def __init__(self, core: LinkCore, driver: AsyncDriver, revealed: Revealed) -> None:
        self._core = core
        self._driver = driver
        self._reveal_id = core.reveal_id
        self._content = revealed.content
        self._reading: set[Download] = set()
        self._done = False
        self.files: Sequence[OpenedFile] = tuple(
            OpenedFile(entry, granted, driver, self._reading) for entry, granted in revealed.files
        )
        """The attachments; fetched when they are read."""

    def __repr__(self) -> str:
        return f"<Opened {self._core.link.slug}>"

    @property
    def text(self) -> str | None:
        """None if the sender sealed bytes, or files alone."""
        return self._content if isinstance(self._content, str) else None

    @property
    def content(self) -> bytes | None:
        """The content to the byte, a text as UTF-8; None if the sender sealed files alone."""
        return utf8(self._content) if isinstance(self._content, str) else self._content

    async def done(self) -> None:
        """Tell the server that everything is saved, so that it destroys what no other reader still needs.

        :raises ValidationError: while a file is being read
        """
        if self._reading:
            raise_if_invalid({"files": ["are still being read: finish or stop that first"]})
        if not self._done:
            await self._driver.run(self._core.ack(self._reveal_id))
            self._done = True


class OpenedFile:
    """An attachment; ``repr`` doesn't show its name.

    Name, type and size are what the sender claims. Bytes that are read were sealed by the sender: any others are an error
    before they are handed out. The file can be read again within the grace time.
    """

    def __init__(self, entry: FileEntry, granted: Granted, driver: AsyncDriver, reading: set[Download]) -> None:
        self._granted = granted
        self._driver = driver
        self._reading = reading
        self.name = entry.name
        """One component, without control characters."""
        self.type = entry.type
        """Media type, as the sender gave it."""
        self.size = entry.size
        """Plaintext bytes."""

    def __repr__(self) -> str:
        return f"<OpenedFile of {self.size} bytes>"

    async def stream(
        self, *, on_progress: Progress | None = None, cancel: Event | None = None
    ) -> AsyncIterator[bytearray]:
        """The plaintext in pieces of up to 8 MiB. Several are fetched ahead, so memory holds about 50 MiB.

        :raises Tampered: before anything of a changed piece is handed out
        :raises Gone: once the grant has lapsed
        :raises NetworkError, Timeout: after two minutes without progress
        """
        download = Download(self._granted)
        meter = Meter(on_progress, self.size)
        self._reading.add(download)
        try:
            while (piece := await self._driver.run(download.next(), cancel)) is not None:
                meter.add(len(piece))
                yield piece
        finally:
            self._reading.discard(download)
            await self._driver.run(download.stop())

    async def read(self, *, on_progress: Progress | None = None, cancel: Event | None = None) -> bytes:
        """All of it, in memory; raises as :meth:`stream`."""
        return b"".join([piece async for piece in self.stream(on_progress=on_progress, cancel=cancel)])

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        on_progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> Path:
        """Save the file under a temporary name, which becomes the final one when all of it is verified and on disk.

        It is for this user alone (mode 0600).

        :param path: of the file; or of a folder, in which it gets the sender's name, made safe for every platform. A path
            that ends with a slash is a folder, and is created
        :returns: where it is
        :raises ValidationError: if it can't be written, or if there is such a file and ``overwrite`` is False
        :raises Tampered, Gone, NetworkError, Timeout: as :meth:`stream`
        """
        rules.check(overwrite=(overwrite, rules.BOOLEAN))
        download = Download(self._granted)
        self._reading.add(download)
        try:
            flow: Flow[Path] = save(download, self.name, path, overwrite, Meter(on_progress, self.size))
            return await self._driver.run(flow, cancel)
        finally:
            self._reading.discard(download)
