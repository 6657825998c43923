"""What the server tells of secrets, workspaces, tokens, webhooks and the log; and what the workspace key opens of it.

The types are what calls return. Times are in UTC, sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


@dataclass(frozen=True)
class Pagination:
    """Where a page of a list stands."""

    current_page: int
    """From 1."""
    per_page: int
    total: int
    last_page: int
    """At least 1."""


class Page(Sequence[T], Generic[T]):
    """One page of a list: a sequence of its items, with its :attr:`pagination`."""

    def __init__(self, items: Sequence[T], pagination: Pagination) -> None:
        self.items = tuple(items)
        self.pagination = pagination

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"Page({len(self.items)} of {self.pagination.total})"


@dataclass(frozen=True)
class SharedSecret:
    """A secret that was just created. Its link and manage key exist nowhere else; ``repr`` and ``str`` don't show them."""

    slug: str
    """13 characters that name the secret; they open nothing."""
    share_url: str = field(repr=False)
    """The whole link. Anyone who has it can open the secret."""
    manage_key: str = field(repr=False)
    """b64 of 32 bytes: allows everything that the owner may do to this secret, without a token."""
    maximum_views: int | None
    """None: any number until expiry."""
    current_views: int
    expiration: datetime
    has_password: bool
    has_attachments: bool
    attachments_count: int
    created_at: datetime
    description: str | None = field(repr=False)
    message: str | None = field(repr=False)

    @property
    def expires_in_hours(self) -> float:
        """From its creation until it expires."""
        return (self.expiration - self.created_at).total_seconds() / 3600


@dataclass(frozen=True)
class Attached:
    """A file of a secret, as its owner noted it."""

    name: str


@dataclass(frozen=True)
class SecretDetails:
    """A secret as its owner sees it: everything but the content."""

    slug: str
    creator: str
    """The token's name, or ``anonymous``."""
    maximum_views: int | None
    """None: any number until expiry."""
    current_views: int
    expiration: datetime
    has_password: bool
    has_attachments: bool
    attachments_count: int
    captcha: bool
    otp_type: str | None
    ip_whitelist: list[str]
    """Empty: any address."""
    geolocation: list[str]
    """Empty: any country."""
    is_expired: bool
    """Ended, whatever the cause: ``status`` is expired, viewed or burned."""
    status: str
    """active, uploading, viewed, expired, burned or locked."""
    share_url: str
    """Without the fragment: it opens nothing."""
    created_at: datetime
    updated_at: datetime
    description: str | None
    """This and the following are known only with the workspace key that the secret was made with."""
    message: str | None
    attachments: list[Attached]
    fragment: str | None = field(repr=False)
    """Of a link that was made ``recoverable``: ``share_url``, ``#`` and this open the secret."""
    meta_error: bool
    """In lists: the sealed metadata didn't open. Wrong workspace key, or tampered."""


@dataclass(frozen=True)
class SecretEvent:
    """An event in the life of a secret."""

    type: str
    """created, changed, opened, denied, acked, burned, expired or purged."""
    reason: str | None
    """The code that a denied caller got, or why it was burned."""
    at: datetime
    ip: str | None
    """An address, or the CIDR block that the server keeps of it."""
    user_agent: str | None
    country: str | None
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True)
class Workspace:
    """A workspace, as its tokens see it."""

    name: str
    workspace_check: str | None
    """b64 of 32 bytes; None until it is set."""
    limits: dict[str, Any]
    """By the server's own names."""
    usage: dict[str, Any]
    """By the server's own names."""


@dataclass(frozen=True)
class Stats:
    """A workspace's numbers. Days are UTC; weeks start on Monday."""

    total_secrets: int
    """Ever created."""
    active_secrets: int
    """Not ended."""
    expired_secrets: int
    """Ended, whatever the cause."""
    total_views: int
    secrets_with_password: int
    secrets_created_today: int
    secrets_created_this_week: int
    secrets_created_this_month: int


@dataclass(frozen=True)
class Token:
    """An API token, without its secret half."""

    id: str
    """The part of the token after ``hkt_``."""
    name: str
    scopes: list[str]
    handlers: list[str]
    """Patterns of the named secrets that it may name; empty: all."""
    ips: list[str]
    """CIDR blocks that it may be used from; empty: from anywhere."""
    parent_id: str | None
    """The token that made it; None: the operator did."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class NewToken(Token):
    """A token as its creation gives it."""

    token: str = field(repr=False)
    """``hkt_<id>_<secret>``; the server shows it only this once."""


@dataclass(frozen=True)
class RevokedTokens:
    """What a revocation did."""

    revoked: list[Token]
    valid_descendants: list[Token]
    """Tokens that it made, directly or not, and that are still valid."""


@dataclass(frozen=True)
class Webhook:
    """An address that the server notifies of events."""

    id: str
    url: str
    created_at: datetime
    previous_until: datetime | None
    """Until then the secret before the last rotation signs too."""


@dataclass(frozen=True)
class WebhookSecret(Webhook):
    """A webhook with the secret that its messages are signed with."""

    secret: str = field(repr=False)
    """``whsec_…``, as :func:`verify_webhook` takes it; the server shows it only this once."""


@dataclass(frozen=True)
class Delivery:
    """A message on its way to one receiver."""

    id: str
    """The ``webhook-id``, the same at every try."""
    kind: str
    """webhook or email."""
    webhook_id: str | None
    type: str
    slug: str | None
    handler: str | None
    status: str
    """pending, delivered or failed."""
    attempts: int
    created_at: datetime
    next_at: datetime | None
    delivered_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class AuditHead:
    """The newest entry: kept elsewhere, it shows later whether the log still holds everything up to it."""

    id: int
    chain: str
    """b64 of 32 bytes."""


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the access log (docs/access-log.md)."""

    id: int
    """Rises with time; has gaps."""
    type: str
    slug: str | None
    reason: str | None
    at: datetime
    ip: str | None
    user_agent: str | None
    country: str | None
    handler: str | None
    version: int | None
    token_id: str | None
    token: str | None
    """The token's name."""
    basis: dict[str, Any] | None
    purged: bool
    """Emptied: only id, type, time and hashes are left."""
    purged_by: int | None
    nonce: str | None
    entry_hash: str
    chain: str


@dataclass(frozen=True)
class AuditPage:
    """One page of the access log, oldest first."""

    entries: list[AuditEntry]
    head: AuditHead | None
    """Of the whole log; None: it is empty."""
    next: int | None
    """The ``after`` of the next page; None: this is the last."""


@dataclass(frozen=True)
class AuditProblem:
    """What is wrong with the log, and where."""

    id: int
    problem: str
    """changed, misplaced, missing, purge or record."""


@dataclass(frozen=True)
class AuditVerified:
    """What walking the log found."""

    valid: bool
    entries: int
    head: AuditHead | None
    problems: list[AuditProblem]


@dataclass(frozen=True)
class AuditExport:
    """The log as a file."""

    content: bytes
    head: AuditHead | None
    """The newest entry that the file holds; None: it is empty, or the server doesn't say."""


@dataclass(frozen=True)
class KmsEntry:
    """A named secret without its value."""

    handler: str
    id: str
    """The same for all its versions."""
    whitelist: list[str]
    """Networks that may reveal it; empty: any."""
    version: int
    """The newest."""
    versions: int
    """How many aren't destroyed."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    """Of the newest version, as the next."""
    destroyed_at: datetime | None
    rotate_after: int | None
    """Seconds after which a newer version is due."""
    rotation_due_at: datetime | None
    rotation_due: bool
    name: str | None
    """This and the next are known only with a key that covers the entry."""
    properties: dict[str, Any] | None
    meta_error: bool
    """In lists: a key that covers it didn't open name and properties. Wrong key, or tampered."""


@dataclass(frozen=True)
class KmsVersion:
    """One version of a named secret, without its value."""

    version: int
    """From 1."""
    created_at: datetime
    creator: str
    expires_at: datetime | None
    destroyed_at: datetime | None


@dataclass(frozen=True)
class KmsEvent:
    """Who did what to a named secret."""

    id: int
    type: str
    reason: str | None
    """Why a call was refused, which its caller doesn't learn."""
    at: datetime
    ip: str | None
    user_agent: str | None
    country: str | None
    version: int | None
    token_id: str | None
    token: str | None


@dataclass(frozen=True)
class KmsEvents:
    """One page of a named secret's events, newest first."""

    events: list[KmsEvent]
    next: int | None
    """The ``before`` of the next page; None: this is the last."""


@dataclass(frozen=True)
class KmsPut:
    """Which version a put made."""

    handler: str
    version: int


@dataclass(frozen=True)
class KmsRevealed:
    """A revealed value; ``repr`` and ``str`` show only its name and version."""

    handler: str
    version: int
    content: bytes = field(repr=False)
    """The value, to the byte."""

    @property
    def text(self) -> str:
        """The value as text; :class:`Malformed` if it isn't UTF-8."""
        from ._protocol.encoding import from_utf8

        return from_utf8(self.content)


@dataclass(frozen=True)
class AnswerLimits:
    """What a request allows each answer."""

    maximum_views: int
    expires_in: int
    """Seconds that an answer is kept."""
    maximum_bytes: int
    """Encrypted bytes of its text and files together."""
    maximum_files: int


@dataclass(frozen=True)
class SharedRequest:
    """A request that was just made; ``repr`` and ``str`` don't show its links."""

    slug: str
    ask_url: str = field(repr=False)
    """For whoever is to answer. It must reach them unchanged: who replaces it asks in your name."""
    collect_url: str = field(repr=False)
    """For whoever is to read the answers. Anyone who has it can."""
    maximum_answers: int
    expiration: datetime
    limits: AnswerLimits
    created_at: datetime
    description: str | None = field(repr=False)
    message: str | None = field(repr=False)


@dataclass(frozen=True)
class RequestDetails:
    """A request as whoever asked sees it."""

    slug: str
    creator: str
    status: str
    """open, answered, expired or withdrawn."""
    maximum_answers: int
    answers_count: int
    """Places taken, by answers that are being uploaded too."""
    answers_left: int
    expiration: datetime
    limits: AnswerLimits
    ask_url: str
    """Without the fragment: it answers nothing."""
    collect_url: str
    """Without the fragment: it collects nothing."""
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    description: str | None
    """This and the following are known only with the workspace key that the request was made with."""
    message: str | None
    has_seed: bool
    """Whether ``client.collect`` can read the answers."""
    meta_error: bool
    """In lists: the sealed metadata didn't open."""


@dataclass(frozen=True)
class RequestStats:
    """The numbers of a workspace's requests."""

    total_requests: int
    open_requests: int
    answered_requests: int
    expired_requests: int
    withdrawn_requests: int
    total_answers: int
    collected_answers: int


@dataclass(frozen=True)
class ReceiptStatus:
    """What became of an answer, on the server's word."""

    state: str
    """uploading, waiting, collected, expired or burned."""
    collected_at: datetime | None
    expiration: datetime


@dataclass(frozen=True)
class OtpNeed:
    """The one-time code that a reveal asks for."""

    type: str
    """email, sms or totp."""
    to: str | None
    """The masked address; None for totp."""


@dataclass(frozen=True)
class Needs:
    """What a reveal will ask for; None: the server doesn't say any more."""

    password: bool | None
    otp: OtpNeed | None
    captcha: bool


@dataclass(frozen=True)
class SentCode:
    """Where a one-time code went."""

    type: str
    to: str
    """Masked."""
    expires_at: datetime


@dataclass(frozen=True)
class LinkFile:
    """A file of a link; its name is known after the reveal."""

    id: str
    size: int
    """Encrypted."""
