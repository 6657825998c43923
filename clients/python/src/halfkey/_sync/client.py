# Generated from _aio by scripts/generate_sync.py; don't edit.
"""The client for senders, owners and recipients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from types import TracebackType

import httpx

from .. import _check as rules
from .. import _requests as requests
from .. import _secrets as calls
from .._create import CreateOptions, Progress, _Unlimited, create
from .._drivers import SyncDriver
from .._link import LinkAccess, Solve, open_access
from .._owner import make_owner
from .._protocol.link import parse_link
from .._records import (
    Delivery,
    Page,
    RequestDetails,
    RequestStats,
    SecretDetails,
    SecretEvent,
    SharedRequest,
    SharedSecret,
    Stats,
    Workspace,
)
from .._sources import Attachable
from .kms import KmsSync
from .link import LinkSync, OpenedSync
from .requests import AskSync, CollectSync, ReceiptSync
from .workspace import AuditSync, TokensSync, WebhooksSync


class HalfkeySync:
    """A client for senders, owners and recipients. Neither ``repr`` nor a traceback shows its token or keys.

    .. code-block:: python

        with HalfkeySync("https://halfkey.example") as client:
            secret = client.create("my secret", hours=24, views=1)
            print(secret.share_url)

    Network errors, time-outs, 429 and 502 to 504 are tried again: a retried create makes one secret, a retried reveal
    spends one view.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        token: str | None = None,
        workspace_key: str | Sequence[str] | None = None,
        region: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Check everything that is given; sends nothing.

        :param base_url: of the server; may be left out by those who only open links
        :param token: ``hkt_<id>_<secret>``; without it secrets are created anonymously and managed with their manage keys
        :param workspace_key: the workspace key W (b64 of 32 bytes), which no server ever sees; a folder key
            (``orders/:1…``) or an entry key (``orders/db:1…``); or several, as a list or with commas between them: what any
            opens is read, and what is sealed is sealed under the one that the workspace has
        :param region: has servers of other regions refuse the calls with WRONG_REGION
        :param timeout: seconds that one attempt may take
        :param retries: attempts after the first
        :param transport: used instead of httpx's own
        :raises ValidationError: with everything that is wrong
        """
        self._owner = make_owner(base_url, token, workspace_key, region, timeout, retries)
        self._driver = SyncDriver(transport)
        self.kms = KmsSync(self._owner, self._driver)
        """Named secrets, for backends."""
        self.tokens = TokensSync(self._owner, self._driver)
        """The workspace's API tokens."""
        self.webhooks = WebhooksSync(self._owner, self._driver)
        """The addresses that the server notifies of events, and how each delivery went."""
        self.audit = AuditSync(self._owner, self._driver)
        """The workspace's access log."""

    def __repr__(self) -> str:
        return f"<HalfkeySync {self._owner.base_url or 'without a server'}>"

    def __enter__(self) -> HalfkeySync:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections. The client may be used again."""
        self._driver.close()

    def create(
        self,
        content: str | bytes = "",
        *,
        hours: float = 24,
        views: int | _Unlimited = 1,
        description: str | None = None,
        message: str | None = None,
        password: str | None = None,
        attachments: Sequence[Attachable] = (),
        ip_whitelist: str | Sequence[str] | None = None,
        geolocation: str | Sequence[str] | None = None,
        captcha: bool = False,
        otp: Mapping[str, str] | None = None,
        max_attempts: int | None = None,
        on_lockout: str | None = None,
        notify: str | None = None,
        recoverable: bool = False,
        on_progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> SharedSecret:
        """Encrypt a secret and store it, with attachments if there are any.

        A text is kept as it is, white space included. With attachments the content may be empty; they are streamed, so
        memory holds a few parts of 8 MiB. A secret whose upload fails is removed from the server.

        :param hours: until it expires, 1/60 to 1000
        :param views: times that it can be opened, 1 to 10,000; or ``UNLIMITED``
        :param description: shown only in the owner's own lists; needs a workspace key
        :param message: a note that holders of the link read before they open it
        :param password: 1 to 1024 bytes of UTF-8; give it to the recipient separately
        :param attachments: at most 100: paths, bytes, file objects, or :class:`Attachment` for streams
        :param ip_whitelist: addresses and CIDR ranges that may open it; a list, or a text with commas
        :param geolocation: countries from which it may be opened (ISO 3166-1 alpha-2)
        :param captcha: ask for a proof of work before each reveal
        :param otp: ``{"type": "email" or "sms", "to"}`` or ``{"type": "totp", "secret"}``
        :param max_attempts: wrong passwords and codes before the lock-out, 1 to 100; default 10
        :param on_lockout: ``lock`` or ``burn``
        :param notify: e-mail address that is told of the first opening, a lock-out and an unopened expiry
        :param recoverable: keep the link for the owner, sealed under the workspace key
        :param on_progress: is called with the bytes that were sent and those in all
        :param cancel: raises ABORTED once it is set, and removes what was sent
        :raises ValidationError: for wrong options before anything is sent, for an attachment that can't be read or isn't as
            long as it said, and for policies that this server can't enforce
        :raises WrongKey: if the workspace has another workspace key
        :raises PayloadTooLarge: for content over 1 MiB
        """
        options = CreateOptions(
            hours, views, description, message, password, attachments, ip_whitelist, geolocation, captcha, otp,
            max_attempts, on_lockout, notify, recoverable,
        )  # fmt: skip
        return self._driver.run(create(self._owner, content, options, on_progress), cancel)

    def open_link(self, share_url: str, *, reveal_id: str | None = None) -> LinkSync:
        """Check a link, then ask the link's own server what a reveal will need. Spends nothing.

        The server gets neither this client's token nor its workspace key.

        :param reveal_id: ``link.reveal_id`` of a reveal that was cut short, perhaps by a crash: continues it
        :raises LinkError: before anything is sent
        :raises NotFound, Locked:
        :raises Gone: with ``details`` ``{cause, at}``
        :raises Tampered: for a note that was changed
        """
        rules.check("share_url", share_url=(share_url, rules.TEXT))
        parsed = parse_link(share_url)
        access = LinkAccess(parsed.base, parsed.slug, parsed.key, parsed.access)
        flow = open_access(access, self._owner.transport, reveal_id)
        return LinkSync(self._driver.run(flow), self._driver)

    def open(
        self,
        share_url: str,
        *,
        password: str | None = None,
        otp: str | None = None,
        captcha: str | Solve | None = None,
    ) -> OpenedSync:
        """:meth:`open_link` and ``reveal`` in one: spends a view. Call ``done()`` of the result once everything is kept.

        :raises PasswordRequired, OtpRequired: before a view is spent
        """
        link = self.open_link(share_url)
        return link.reveal(password=password, otp=otp, captcha=captcha)

    def list_secrets(
        self,
        *,
        status: str | None = None,
        limit: int | None = None,
        page: int | None = None,
        creator: str | None = None,
    ) -> Page[SecretDetails]:
        """One page of the workspace's secrets, newest first. Needs the scope ``secrets:read``.

        :param status: ``active``: all that haven't ended, ``expired``: all that have; ``uploading``, ``viewed``, ``burned``
            and ``locked`` are parts of these
        :param limit: secrets a page, 1 to 100
        :param page: from 1
        :param creator: a token's name, or ``anonymous``
        """
        return self._driver.run(calls.list_secrets(self._owner, status, limit, page, creator))

    def secrets(
        self, *, status: str | None = None, creator: str | None = None, limit: int = 100
    ) -> Iterator[SecretDetails]:
        """All pages of :meth:`list_secrets`, each secret once. Of those created or ended meanwhile, some may be missing.

        :param limit: secrets that are asked for at once, 1 to 100
        """
        seen: set[str] = set()
        page, last = 1, 1
        while page <= last:
            found = self.list_secrets(status=status, creator=creator, limit=limit, page=page)
            for secret in found:
                if secret.slug not in seen:
                    seen.add(secret.slug)
                    yield secret
            page, last = page + 1, found.pagination.last_page

    def get_details(self, slug: str, *, manage_key: str | None = None) -> SecretDetails:
        """Everything about a secret but its content. Needs the scope ``secrets:read``, or the secret's manage key.

        :raises NotFound:
        :raises WrongKey: if the owner's notes were sealed under another workspace key, or changed
        """
        return self._driver.run(calls.get_details(self._owner, slug, manage_key))

    def delete(self, slug: str, *, purge: bool = False, manage_key: str | None = None) -> None:
        """Destroy the content at once, even while someone is reading it. Calling it again does nothing more.

        :param purge: also remove the record and its log
        """
        self._driver.run(calls.delete(self._owner, slug, purge, manage_key))

    def patch(
        self,
        slug: str,
        *,
        hours: float | None = None,
        views: int | None = None,
        unlock: bool = False,
        description: str | None = None,
        manage_key: str | None = None,
    ) -> SecretDetails:
        """Shorten a secret's life, lower its views, unlock or describe it; nothing can be loosened.

        :param hours: from now; must end earlier than before
        :param views: lower than before, above the views already spent
        :param unlock: forget the failed attempts of a locked secret
        :param description: needs the workspace key
        :returns: the details as they are afterwards
        :raises ValidationError: for a change that loosens something, or for none
        """
        flow = calls.patch(self._owner, slug, hours, views, unlock, description, manage_key)
        return self._driver.run(flow)

    def get_events(self, slug: str, *, manage_key: str | None = None) -> list[SecretEvent]:
        """Who did what to a secret, when and from where, oldest first."""
        return self._driver.run(calls.get_events(self._owner, slug, manage_key))

    def send_notice(self, slug: str, email: str) -> Delivery:
        """Have the server tell a recipient by e-mail that a secret is waiting. The notice has no link.

        It is never retried, because each call sends an e-mail.

        :raises RateLimited: past 5 for a secret
        :raises Unavailable: if the server sends no mail
        """
        return self._driver.run(calls.send_notice(self._owner, slug, email))

    def get_stats(self) -> Stats:
        """The workspace's numbers. Needs the scope ``secrets:read``."""
        return self._driver.run(calls.get_stats(self._owner))

    def get_workspace(self) -> Workspace:
        """The token's workspace: its name, limits and use."""
        return self._driver.run(self._owner.workspace())

    def workspace_check(self) -> str:
        """The check value of the workspace that this client's key belongs to: b64 of 32 bytes."""
        return calls.own_check(self._owner)

    def set_workspace_check(self) -> Workspace:
        """Set the workspace's check value to that of this client's workspace key, once and for all.

        :raises Conflict: if the workspace has another
        """
        return self._driver.run(calls.set_workspace_check(self._owner))

    def create_request(
        self,
        *,
        message: str | None = None,
        hours: float | None = None,
        answers: int | None = None,
        answer_hours: float | None = None,
        answer_views: int | None = None,
        answer_max_files: int | None = None,
        answer_max_bytes: int | None = None,
        description: str | None = None,
        notify: str | None = None,
        keep_seed: bool | None = None,
    ) -> SharedRequest:
        """AskSync somebody for a secret that only you can read. Send them ``ask_url``; ``collect_url`` reads the answers.

        :param message: what is asked for, and why; holders of the ask link read it as plain text
        :param hours: until it takes no more answers, 1/60 to 1000; default 168 (7 days)
        :param answers: how many answers it takes, 1 to 100; default 1
        :param answer_hours: that an answer is kept; default 168
        :param answer_views: times that an answer can be opened, 1 to 10; default 1
        :param answer_max_files: 0 to 100
        :param answer_max_bytes: encrypted bytes of text and files together; default: the most that the server allows
        :param description: shown only in the owner's own lists; needs a workspace key
        :param notify: e-mail address that is told of answers and of the expiry
        :param keep_seed: whether everybody who has the workspace key can collect the answers; default True if there is one
        :raises WrongKey: if the workspace has another workspace key
        :raises Unsupported: where ``cryptography`` lacks ML-KEM
        """
        options = requests.RequestOptions(
            message, hours, answers, answer_hours, answer_views, answer_max_files, answer_max_bytes, description, notify,
            keep_seed,
        )  # fmt: skip
        return self._driver.run(requests.create_request(self._owner, options))

    def open_ask(self, ask_url: str) -> AskSync:
        """Check an ask link, then ask its server for the request.

        :raises LinkError: before anything is sent
        :raises Gone: with ``details`` ``{cause, at}`` if the request takes no more answers
        :raises Tampered, Malformed: if the server changed the request
        """
        return AskSync(self._driver.run(requests.open_ask(ask_url, self._owner.transport)), self._driver)

    def open_receipt(self, status_url: str) -> ReceiptSync:
        """Read a status link. Asks the server for nothing."""
        return ReceiptSync(requests.open_receipt(status_url, self._owner.transport), self._driver)

    def open_collect(self, collect_url: str) -> CollectSync:
        """Check a collect link, then ask its server for the request; raises as :meth:`open_ask`."""
        flow = requests.open_collect(collect_url, self._owner.transport)
        return CollectSync(self._driver.run(flow), self._driver)

    def collect(self, slug: str) -> CollectSync:
        """The answers to one of the workspace's requests, whose seed the workspace key keeps.

        :raises ValidationError: without a workspace key, and for a request made with ``keep_seed=False``
        """
        return CollectSync(self._driver.run(requests.collect_own(self._owner, slug)), self._driver)

    def list_requests(
        self, *, status: str | None = None, limit: int | None = None, page: int | None = None
    ) -> Page[RequestDetails]:
        """One page of the workspace's requests, newest first. Needs the scope ``requests:read``.

        :param status: open, answered, expired or withdrawn
        """
        return self._driver.run(requests.list_requests(self._owner, status, limit, page))

    def get_request(self, slug: str) -> RequestDetails:
        """Everything about a request but its answers."""
        return self._driver.run(requests.get_request(self._owner, slug))

    def patch_request(
        self, slug: str, *, hours: float | None = None, answers: int | None = None, description: str | None = None
    ) -> RequestDetails:
        """Shorten a request, have it take fewer answers, or describe it; nothing can be loosened."""
        return self._driver.run(requests.patch_request(self._owner, slug, hours, answers, description))

    def delete_request(self, slug: str, *, purge: bool = False) -> None:
        """Withdraw a request: it takes no more answers. Those that are there can still be collected.

        :param purge: also remove the record, once all answers have ended
        """
        self._driver.run(requests.delete_request(self._owner, slug, purge))

    def get_request_stats(self) -> RequestStats:
        """The numbers of the workspace's requests."""
        return self._driver.run(requests.get_request_stats(self._owner))
