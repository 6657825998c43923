"""Section 3: links, which check themselves before anybody talks to a server."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

from .._errors import LinkCutShort, LinkError, LinkMistyped, LinkNewerVersion, LinkNoFragment, LinkWrongKind
from .encoding import KEY_LENGTH, Key, b58, unb58
from .keys import hkdf, sha256

_VERSION = "1"
_KEY_CHARS = 44
_SLUG_LENGTH = 9
_SLUG_CHARS = 13

LinkKind = Literal["share", "ask", "collect", "status"]
"""Kinds of links, told apart by the path before the slug."""

_KINDS: dict[LinkKind, tuple[str, str]] = {
    "share": ("a share link", "open a secret"),
    "ask": ("an ask link", "answer a request"),
    "collect": ("a collect link", "read a request's answers"),
    "status": ("a status link", "see what became of an answer"),
}


class SlugKeys(NamedTuple):
    """What a link's key says about its secret or request."""

    access: Key
    """32 bytes: shows the server that the caller holds the link."""
    access_verifier: bytes
    """32 bytes: what the server keeps."""
    slug: str
    """13 characters of base 58."""


def derive_link(key_b: Key) -> SlugKeys:
    """What ``keyB`` says about its secret."""
    return derive_slug(key_b, "halfkey/v1 access")


def derive_slug(key: Key, label: str) -> SlugKeys:
    """The access value that a link's key gives under a label, and from it verifier and slug."""
    access = hkdf(key, "", label)
    verifier = sha256(access)
    return SlugKeys(access, verifier, b58(verifier[:_SLUG_LENGTH], _SLUG_CHARS))


def format_link(base: str, slug: str, key: Key, kind: LinkKind = "share") -> str:
    """A link. ``base``: an origin, with a path prefix if need be, without a trailing slash."""
    folder = "" if kind == "share" else f"{kind}/"
    return f"{base}/{folder}{slug}#{format_fragment(key)}"


def format_fragment(key: Key) -> str:
    """What a link has after its ``#``."""
    return f"{_VERSION}{b58(key, _KEY_CHARS)}"


class ParsedLink(NamedTuple):
    """A link's parts."""

    base: str
    """Origin and path prefix of the server, without a trailing slash."""
    slug: str
    key: Key
    """32 bytes: the half of the key that no server sees."""
    access: Key

    def __repr__(self) -> str:
        return f"ParsedLink({self.slug})"


def parse_link(text: str) -> ParsedLink:
    """Read a share link and check it against itself, without a request.

    What chats and mail programs do to links is forgiven: text and punctuation around it, white space and invisible
    characters anywhere, an escaped ``#``, a query, extra slashes.

    :raises LinkError: LINK_WRONG_KIND with ``details["kind"]``, LINK_NO_FRAGMENT, LINK_CUT_SHORT, LINK_NEWER_VERSION or
        LINK_MISTYPED
    """
    base, slug, key = read_link(text, "share")
    derived = derive_link(key)
    if derived.slug != slug:
        raise refused(LinkMistyped, "share")
    return ParsedLink(base, slug, key, derived.access)


def read_link(text: str, wanted: LinkKind) -> tuple[str, str, Key]:
    """Base, slug and key of a link of one kind; the slug is still to be compared with the one that the key gives."""
    url, fragment = _split(text)
    folders = [folder for folder in url.path.split("/") if folder] if url else []
    slug = folders.pop() if folders else ""
    kind = _kind_of(folders[-1] if folders else "")
    if kind != wanted and slug:
        name, use = _KINDS[kind]
        wanted_name, wanted_use = _KINDS[wanted]
        raise LinkWrongKind(
            f"This is {name}, which is used to {use}. To {wanted_use}, you need {wanted_name}.",
            details={"kind": kind},
        )
    if kind != "share":
        folders.pop()
    key = _read_fragment(fragment, wanted)
    if key is None or url is None or unb58(slug, _SLUG_CHARS, _SLUG_LENGTH) is None:
        raise refused(LinkMistyped, wanted)
    return "/".join([_origin(url), *folders]), slug, Key(key)


def _kind_of(folder: str) -> LinkKind:
    return folder if folder in ("ask", "collect", "status") else "share"  # type: ignore[return-value]


def _read_fragment(fragment: str, wanted: LinkKind) -> bytes | None:
    if fragment == "":
        raise refused(LinkNoFragment, wanted)
    if not fragment.startswith(_VERSION):
        is_version = unb58(fragment[0], 1, 1) is not None
        raise refused(LinkNewerVersion if is_version else LinkMistyped, wanted)
    digits = fragment[len(_VERSION) :]
    if len(digits) < _KEY_CHARS:
        raise refused(LinkCutShort, wanted)
    return unb58(digits, _KEY_CHARS, KEY_LENGTH)


_WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)
"""Unicode's property White_Space; `str.isspace` takes four more."""


def _split(text: str) -> tuple[SplitResult | None, str]:
    """A link's two halves, whatever its kind. The first is None where there is no address."""
    link = "".join(char for char in text if char not in _WHITE_SPACE and unicodedata.category(char) != "Cf")
    found = re.search(r"https?://", link, re.IGNORECASE)
    link = link[found.start() if found else 0 :].replace("&#35;", "#")
    if "#" not in link:
        link = link.replace("%23", "#", 1)
    address, _, rest = link.partition("#")
    fragment = re.match(r"[A-Za-z0-9]*", rest)
    return _parse_address(address), fragment[0] if fragment else ""


def _parse_address(address: str) -> SplitResult | None:
    if not re.match(r"https?://", address, re.IGNORECASE):
        return None
    try:
        url = urlsplit(address.split("?")[0])
        return url if url.hostname and (url.port is None or url.port >= 0) else None
    except ValueError:
        return None


def _origin(url: SplitResult) -> str:
    """Scheme, host and port, in the one spelling that all links to a server share."""
    host = url.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(url.scheme)
    return f"{url.scheme}://{host}" + ("" if url.port in (None, default) else f":{url.port}")


def refused(cls: type[LinkError], kind: LinkKind) -> LinkError:
    """The sentences say whether anything was used up: only opening a secret uses up something."""
    unspent = "This didn't use up an opening." if kind == "share" else "Nothing was sent."
    again = "Copy the whole link again, or ask for it again."
    sentences: dict[type[LinkError], str] = {
        LinkNoFragment: f"The link is incomplete: the part after # is missing. {unspent} {again}",
        LinkCutShort: f"The link was cut short. {unspent} {again}",
        LinkMistyped: f"The link was mistyped, or changed on the way. {unspent} {again}",
        LinkNewerVersion: f"The link was made by a newer version of Halfkey. Update this program. {unspent}",
    }
    return cls(sentences[cls])
