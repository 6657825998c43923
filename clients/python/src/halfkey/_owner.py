"""What a client lends to an owner's calls: address, token and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from . import _check as rules
from ._errors import WrongKey, raise_if_invalid
from ._flow import Flow
from ._http import Call, Reply, Transport, once, request, respelling
from ._protocol.encoding import Key, b64
from ._protocol.kms import KmsKey, covers, not_covering, parse_key, root_key
from ._protocol.owner import KEY_PROBLEM, parse_workspace_key, workspace_check
from ._read import read
from ._records import Workspace

T = TypeVar("T")
K = TypeVar("K")

SECRET_FIELDS = {
    "envelope": "content",
    "expires_in": "hours",
    "maximum_views": "views",
    "password_verifier": "password",
    "note": "message",
    "meta": "description",
    "notify": "notify",
}
"""Of the fields that a create or a patch sends: the option, or argument, that each was made from."""

_TOKEN = rules.Rule(
    rules.matches(r"hkt_[A-Za-z0-9]+_[A-Za-z0-9_-]+"),
    "must be of the form hkt_<id>_<secret>; leave it out to create secrets anonymously",
)
_REGION = rules.Rule(rules.matches(r"[\w-]{1,32}"), "must be the name of a region")
_BASE_URL = rules.Rule(rules.is_base_url, "must be an http or https URL without user, query and fragment")
_TIMEOUT = rules.Rule(lambda value: rules.is_number(value) and value > 0, "must be a number of seconds, more than 0")
_RETRIES = rules.Rule(rules.whole(0, 100), "must be a whole number from 0 to 100")


def _keys_of(given: str | Sequence[str] | None) -> list[str]:
    texts = [given] if isinstance(given, str) else list(given or ())
    return [key for text in texts for key in str(text).split(",")]


@dataclass(frozen=True, repr=False)
class Owner:
    """A client's address, token and keys. Nothing shows the token or the keys."""

    base_url: str | None
    token: Key | None
    keys: tuple[str, ...]
    region: str | None
    transport: Transport
    sealing: list[Key] = field(default_factory=list)
    """The workspace's key, once it was asked which that is."""

    @cached_property
    def workspace_keys(self) -> tuple[Key, ...]:
        """W alone, for what owners note; during a rekey the first is the new one."""
        return tuple(parse_workspace_key(key) for key in self.keys if ":" not in key)

    @cached_property
    def kms_keys(self) -> tuple[KmsKey, ...]:
        """For named secrets: W, folder and entry keys; :class:`KeyTextError`, :class:`Malformed`."""
        return tuple(parse_key(key) if ":" in key else root_key(parse_workspace_key(key)) for key in self.keys)

    def keys_for(self, what: str, name: str) -> list[KmsKey]:
        """The client's keys that cover ``name``, at least one.

        :param what: the call or option that needs them
        :raises ValidationError: if there are no keys
        :raises KeyNotCovering:
        """
        if not self.kms_keys:
            raise_if_invalid({what: ["needs a workspace_key"]})
        found = [key for key in self.kms_keys if covers(key, name)]
        if not found:
            raise not_covering(name)
        return found

    def prepare(self, method: str, path: str, *, manage_key: str | None = None, body: bytes | None = None) -> Call:
        """A call with the right that this client has; ``path`` after ``/api/v1``."""
        if self.base_url is None:
            raise_if_invalid({"base_url": ["must be given for everything but opening links"]})
        headers = {}
        if manage_key is not None:
            headers["Halfkey-Manage"] = manage_key
        elif self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.decode('ascii')}"
        if self.region is not None:
            headers["Halfkey-Region"] = self.region
        return Call(method, f"{self.base_url}/api/v1{path}", headers, body)

    def call(
        self,
        method: str,
        path: str,
        *,
        manage_key: str | None = None,
        body: bytes | None = None,
        retry: bool = True,
        fields: Mapping[str, str] | None = None,
    ) -> Flow[Reply]:
        """Call the API.

        :param retry: False for calls that do something more when they are repeated
        :param fields: the caller's names for the fields that are sent
        """
        self.check_keys()
        call = self.prepare(method, path, manage_key=manage_key, body=body)
        sent = request(call, self.transport if retry else once(self.transport))
        return (yield from respelling(sent, fields or {}))

    def check_keys(self) -> None:
        """Raise for a folder or entry key that can't be right, before the first request."""
        _ = self.kms_keys

    def optional_key(self) -> Flow[Key | None]:
        """The key to seal owner metadata with, after asking the workspace which one it has; None: the client has none."""
        self.check_keys()
        keys = self.workspace_keys
        if not keys or self.token is None:
            return keys[0] if keys else None
        if self.sealing and len(keys) == 1:
            return self.sealing[0]
        check = (yield from self.workspace()).workspace_check
        for key in keys:
            if check is None or check == b64(workspace_check(key)):
                self.sealing[:] = [key]
                return key
        raise WrongKey("This isn't the workspace's key. Nothing was sent.")

    def sealing_key(self, what: str) -> Flow[Key]:
        """:meth:`optional_key` for what needs one."""
        key = yield from self.optional_key()
        return self.require_workspace_key(what) if key is None else key

    def require_workspace_key(self, what: str) -> Key:
        """W, the first if there are several; :class:`ValidationError` with ``details[what]``."""
        if not self.workspace_keys:
            problem = "needs the client to have a workspace_key"
            if self.keys:
                problem = "needs the workspace key itself: folder and entry keys are for named secrets alone"
            raise_if_invalid({what: [problem]})
        return self.workspace_keys[0]

    def workspace(self) -> Flow[Workspace]:
        """The token's workspace."""
        reply = yield from self.call("GET", "/workspace")
        return read(Workspace, reply.data)


def make_owner(
    base_url: str | None,
    token: str | None,
    workspace_key: str | Sequence[str] | None,
    region: str | None,
    timeout: float,
    retries: int,
) -> Owner:
    """Check what a client is made with; :class:`ValidationError` with everything that is wrong."""
    keys = _keys_of(workspace_key)
    problems = rules.find_problems(
        {
            "base_url": (base_url, _BASE_URL),
            "token": (token, _TOKEN),
            "region": (region, _REGION),
            "timeout": (timeout, _TIMEOUT),
            "retries": (retries, _RETRIES),
        }
    )
    if any(":" not in key and not rules.KEY.test(key) for key in keys):
        problems["workspace_key"] = [f"{KEY_PROBLEM}, a folder or entry key, or a list of such"]
    raise_if_invalid(problems)
    hidden = None if token is None else Key(token.encode("ascii"))
    base = None if base_url is None else base_url.rstrip("/")
    return Owner(base, hidden, _Hidden(keys), region, Transport(timeout, retries))


class _Hidden(tuple[str, ...]):
    """Texts that no representation shows."""

    __slots__ = ()

    def __new__(cls, texts: Sequence[str]) -> _Hidden:
        return super().__new__(cls, texts)

    def __repr__(self) -> str:
        return f"<{len(self)} secret texts>"


def open_with_any(keys: Sequence[K], open_: Callable[[K], T]) -> T:
    """Open with the first of some keys that fits; :class:`WrongKey` if none does."""
    failure: WrongKey | None = None
    for key in keys:
        try:
            return open_(key)
        except WrongKey as error:
            failure = error
    assert failure is not None
    raise failure
