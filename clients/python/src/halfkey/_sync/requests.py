# Generated from _aio by scripts/generate_sync.py; don't edit.
"""Answering requests, and collecting the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from threading import Event

from .. import _check as rules
from .._create import Progress
from .._drivers import SyncDriver
from .._flow import sleep
from .._protocol.link import format_link
from .._records import AnswerLimits, ReceiptStatus, RequestDetails
from .._requests import AnswerFields, AskCore, CollectCore, ReceiptCore
from .._sources import Attachable
from .link import LinkSync

_MAX_INTERVALS = 15


class AskSync:
    """A request that was checked and can be answered. Its keys are private: ``repr`` shows the slug alone."""

    def __init__(self, core: AskCore, driver: SyncDriver) -> None:
        self._core = core
        self._driver = driver

    def __repr__(self) -> str:
        return f"<AskSync {self.slug}>"

    @property
    def slug(self) -> str:
        """13 characters that name the request."""
        return self._core.link.slug

    @property
    def note(self) -> str:
        """What is asked for: plain text from whoever made the link. Empty if they wrote nothing."""
        return self._core.status.note

    @property
    def answers_left(self) -> int:
        """How many more answers the request takes, as of ``open_ask``."""
        return self._core.status.answers_left

    @property
    def expiration(self) -> datetime:
        """Until when it takes answers."""
        return self._core.status.expiration

    @property
    def limits(self) -> AnswerLimits:
        """What an answer may be."""
        return self._core.status.limits

    @property
    def asked_by(self) -> str:
        """The workspace's name, or ``anonymous``. The server says so, and nothing proves it."""
        return self._core.status.asked_by

    def answer(
        self,
        content: str | bytes,
        *,
        message: str | None = None,
        password: str | None = None,
        attachments: Sequence[Attachable] = (),
        on_progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> ReceiptSync:
        """Encrypt an answer to whoever asked, and store it.

        It is sealed once, and the same bytes are sent until a reply comes; after NETWORK or TIMEOUT, call it again with the
        same arguments, and it sends them again. The keys are then forgotten: this program can't read its own answer.

        :param message: a note that whoever asked reads before they open the answer
        :raises ValidationError: for wrong options before anything is sent, and for an attachment that can't be read
        :raises Gone: with ``details`` ``{cause, at}`` if the request takes no more answers
        :raises PayloadTooLarge, Unsupported:
        """
        flow = self._core.answer(content, message, password, attachments, on_progress)
        return ReceiptSync(self._driver.run(flow, cancel), self._driver)


class ReceiptSync:
    """What an answerer keeps: it tells what became of the answer. Its key is private: ``repr`` shows the slug alone."""

    def __init__(self, core: ReceiptCore, driver: SyncDriver) -> None:
        self._core = core
        self._driver = driver

    def __repr__(self) -> str:
        return f"<ReceiptSync {self.slug}>"

    @property
    def slug(self) -> str:
        """13 characters that name the answer."""
        return self._core.slug

    @property
    def status_url(self) -> str:
        """The status link, for the answerer alone: whoever has it can withdraw the answer, though not read it."""
        return self._core.status_url()

    def status(self) -> ReceiptStatus:
        """What became of the answer, as the server says; :class:`NotFound` if its record was removed."""
        return self._driver.run(self._core.status())

    def withdraw(self) -> None:
        """Destroy the answer, unless it was opened already. The request doesn't take another in its place.

        :raises Conflict: if the answer was opened
        """
        self._driver.run(self._core.withdraw())


class CollectSync:
    """A request's answers. Its keys are private: ``repr`` shows the slug alone."""

    def __init__(self, core: CollectCore, driver: SyncDriver) -> None:
        self._core = core
        self._driver = driver

    def __repr__(self) -> str:
        return f"<CollectSync {self.slug}>"

    @property
    def slug(self) -> str:
        """13 characters that name the request."""
        return self._core.keys.slug

    @property
    def ask_url(self) -> str:
        """The whole ask link, made again from the seed."""
        return format_link(self._core.base, self.slug, self._core.keys.ask_key, "ask")

    @property
    def collect_url(self) -> str:
        """The whole collect link. Anyone who has it can read the answers."""
        return format_link(self._core.base, self.slug, self._core.keys.seed, "collect")

    def details(self) -> RequestDetails:
        """Everything about the request but its answers.

        :raises Tampered: if the server changed what was asked for
        """
        return self._driver.run(self._core.details())

    def answers(self) -> list[AnswerSync]:
        """The answers that are there, oldest first, those that have ended included.

        One with files appears when all of them are uploaded. A slug appears once, whatever the server says. An answer that
        was tampered with is refused when it is opened, and doesn't stop others.
        """
        found = self._driver.run(self._core.answers())
        return [AnswerSync(self._core, self._driver, fields) for fields in found]

    def watch(self, *, interval: float = 2.0, cancel: Event | None = None) -> Iterator[AnswerSync]:
        """Each answer that can be opened, once: those that are there, then new ones as they come.

        It ends when no more can come. It asks the server again and again, with growing pauses; a server that can't be
        reached is waited for, two minutes long.

        :param interval: seconds before the first look for more answers; the pauses then grow up to 15 times that
        """
        rules.check("interval", interval=(interval, rules.INTERVAL))
        seen: set[str] = set()
        pause = interval
        while True:
            # In this order: what was answered before the request ended is in the list.
            details = self._driver.run(self._core.details(persist=True), cancel)
            answers = self._driver.run(self._core.answers(persist=True), cancel)
            for fields in answers:
                if fields.slug not in seen and fields.sealed_key_b is not None:
                    seen.add(fields.slug)
                    pause = interval
                    yield AnswerSync(self._core, self._driver, fields)
            # Those that are still being uploaded count, and aren't in the list.
            if details.status != "open" and details.answers_count <= len(answers):
                return
            self._driver.run(sleep(pause), cancel)
            pause = min(pause * 2, interval * _MAX_INTERVALS)

    def __iter__(self) -> Iterator[AnswerSync]:
        return self.watch()

    def withdraw(self) -> None:
        """End the request: it takes no more answers. Those that are there can still be collected."""
        self._driver.run(self._core.withdraw())


class AnswerSync:
    """An answer as the server lists it, which shows nothing of what is in it."""

    def __init__(self, core: CollectCore, driver: SyncDriver, fields: AnswerFields) -> None:
        self._core = core
        self._driver = driver
        self._fields = fields

    def __repr__(self) -> str:
        return f"<AnswerSync {self.slug}>"

    @property
    def slug(self) -> str:
        """13 characters that name the answer."""
        return self._fields.slug

    @property
    def status(self) -> str:
        """Where it is in its life, as of the list."""
        return self._fields.status

    @property
    def created_at(self) -> datetime:
        """When it was sent."""
        return self._fields.created_at

    @property
    def collected_at(self) -> datetime | None:
        """When it was first opened; None: it wasn't."""
        return self._fields.collected_at

    @property
    def attachments_count(self) -> int:
        """How many files it has."""
        return self._fields.attachments_count

    @property
    def size(self) -> int:
        """Encrypted bytes of its text and files together."""
        return self._fields.size

    @property
    def is_sealed(self) -> bool:
        """Whether its key is there: False once the answer has ended."""
        return self._fields.sealed_key_b is not None

    def open(self, *, reveal_id: str | None = None) -> LinkSync:
        """Open the answer's key, then ask the server what a reveal will need. Spends nothing.

        :param reveal_id: ``link.reveal_id`` of a reveal that was cut short: continues it
        :raises Tampered, Malformed: if this isn't an answer to the request: changed, made up, or another one's
        :raises Gone: with ``details["cause"]`` once it has ended
        """
        return LinkSync(self._driver.run(self._core.open_answer(self._fields, reveal_id)), self._driver)
