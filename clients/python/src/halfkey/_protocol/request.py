"""Section 10: requests, and how an answer's key is sealed to whoever asks."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from .._errors import LinkMistyped, Malformed, Tampered
from . import kem
from .encoding import KEY_LENGTH, Key, from_utf8, unb64, utf8
from .gcm import open_box, seal_box, seal_box_with
from .keys import hkdf, sha256
from .link import ParsedLink, SlugKeys, derive_link, derive_slug, read_link, refused

_HALF = KEY_LENGTH // 2
_SEALED_KEY_LENGTH = 1120 + KEY_LENGTH + 16
_ML_KEM_COEFFICIENTS = 1152
_ML_KEM_MODULUS = 3329


@dataclass(frozen=True)
class RequestKeys:
    """Everything that the seed gives, and with it whoever asks has."""

    seed: Key
    private_key: Key
    """32 bytes: the KEM's private key, itself a seed."""
    public_key: bytes
    """1216 bytes."""
    ask_key: Key
    """32 bytes: goes into the ask link."""
    collect: Key
    """32 bytes: shows the server that the caller may collect."""
    slug: str
    access_verifier: bytes

    def __repr__(self) -> str:
        return f"RequestKeys({self.slug})"


def derive_request(seed: Key) -> RequestKeys:
    """All of a request from its seed (32 bytes); :class:`Unsupported`."""
    private_key = hkdf(seed, "", "halfkey/v1 request kem")
    public_key = kem.public_key(private_key)
    r = hkdf(seed, "", "halfkey/v1 request r")[:_HALF]
    ask_key = _bind(r, public_key)
    ask = derive_ask(ask_key)
    collect = hkdf(seed, "", "halfkey/v1 collect access")
    return RequestKeys(seed, private_key, public_key, ask_key, collect, ask.slug, ask.access_verifier)


def _bind(r: bytes, public_key: bytes) -> Key:
    """``r``, then a hash of it and the public key: the server can put no other key under the link."""
    return Key(r + sha256(b"halfkey/v1 request\0" + r + public_key)[:_HALF])


def derive_ask(ask_key: Key) -> SlugKeys:
    """What the ask key says about its request."""
    return derive_slug(ask_key, "halfkey/v1 request access")


def parse_ask_link(text: str) -> ParsedLink:
    """Read an ask link; :class:`LinkError`, before any request."""
    base, slug, key = read_link(text, "ask")
    derived = derive_ask(key)
    if derived.slug != slug:
        raise refused(LinkMistyped, "ask")
    return ParsedLink(base, slug, key, derived.access)


def parse_collect_link(text: str) -> tuple[str, RequestKeys]:
    """Base and keys of a collect link; :class:`LinkError`, before any request."""
    base, slug, seed = read_link(text, "collect")
    keys = derive_request(seed)
    if keys.slug != slug:
        raise refused(LinkMistyped, "collect")
    return base, keys


def seal_request_note(ask_key: Key, slug: str, text: str) -> str:
    """Seal what is asked for, which holders of the ask link read."""
    return seal_box(_note_key(ask_key, slug), _note_aad(slug), utf8(text))


def seal_request_note_with(iv: bytes, ask_key: Key, slug: str, text: str) -> str:
    """:func:`seal_request_note` with its random part given: for test vectors only."""
    return seal_box_with(iv, _note_key(ask_key, slug), _note_aad(slug), utf8(text))


def open_request_note(ask_key: Key, slug: str, note: object) -> str:
    """The note; :class:`Malformed`, or :class:`Tampered` also for an absent one, because every request has one."""
    text = None if note is None else open_box(_note_key(ask_key, slug), _note_aad(slug), note)
    if text is None:
        raise Tampered("The request's text was changed or removed after it was sealed.")
    return from_utf8(text)


def _note_key(ask_key: Key, slug: str) -> Key:
    return hkdf(ask_key, slug, "halfkey/v1 request note")


def _note_aad(slug: str) -> str:
    return f"halfkey/v1 request note\0{slug}"


def check_public_key(ask_key: Key, public_key: object) -> bytes:
    """The public key (b64) as it came from the server, if it is the one that the ask link binds.

    :raises Malformed: for a wrong length, and at last if its ML-KEM part isn't reduced (FIPS 203, section 7.2)
    :raises Tampered: for another key than the link's
    """
    data = unb64(public_key, kem.PUBLIC_KEY_LENGTH)
    if not hmac.compare_digest(_bind(ask_key[:_HALF], data), ask_key):
        raise Tampered("The server's key isn't the one that belongs to this ask link. Nothing was sealed or sent.")
    if not _is_reduced(data[:_ML_KEM_COEFFICIENTS]):
        raise Malformed("The request's public key is malformed. Nothing was sealed or sent.")
    return data


def _is_reduced(encoded: bytes) -> bool:
    """Whether coefficients of 12 bits each, two in three bytes, are all below ML-KEM's modulus."""
    packed = int.from_bytes(encoded, "little")
    return all(packed >> shift & 0xFFF < _ML_KEM_MODULUS for shift in range(0, len(encoded) * 8, 12))


def derive_answer_key(x: bytes, ask_key: Key) -> Key:
    """The ``keyB`` of the answer with this ``x``. Nobody can make one without the ask key."""
    return hkdf(Key(x + ask_key), "", "halfkey/v1 answer key")


def seal_answer_key(public_key: bytes, request: str, answer: str, x: Key) -> bytes:
    """Seal ``x`` to whoever asks, for these slugs. 1168 bytes, different each time."""
    return kem.seal(public_key, _info(request, answer), x)


def open_answer_key(keys: RequestKeys, answer: str, sealed_key: object) -> Key:
    """The ``keyB`` of an answer, if it was made for this request with its ask link, and under this slug.

    :raises Malformed: for a wrong length
    :raises Tampered: for all else
    """
    sealed = unb64(sealed_key, _SEALED_KEY_LENGTH)
    x = kem.open_sealed(keys.private_key, _info(keys.slug, answer), sealed)
    key_b = derive_answer_key(x, keys.ask_key) if x is not None and len(x) == KEY_LENGTH else None
    if key_b is None or derive_link(key_b).slug != answer:
        raise Tampered("This isn't an answer to your request: it was changed, belongs to another one, or was made up.")
    return key_b


def _info(request: str, answer: str) -> bytes:
    return utf8(f"halfkey/v1 answer\0{request}\0{answer}")
