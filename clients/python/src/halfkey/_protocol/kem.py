"""Section 10: HPKE (RFC 9180) with the KEM MLKEM768-X25519, the one part of the protocol that isn't symmetric.

It is imported only by what makes, answers or collects requests, because builds of ``cryptography`` may lack ML-KEM.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm

from .._errors import Unsupported
from .encoding import Key

PUBLIC_KEY_LENGTH = 1184 + 32
"""An ML-KEM-768 encapsulation key, then an X25519 public key."""

_MLKEM_LENGTH = 1184


def public_key(private_key: Key) -> bytes:
    """The public key (1216 bytes) of a private one (32 bytes, a seed)."""
    pair = _pair(private_key)
    return bytes(pair[0].public_key().public_bytes_raw() + pair[1].public_key().public_bytes_raw())


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """HPKE's ``enc ‖ ct``, without additional data."""
    hpke, mlkem, x25519 = _load()
    key = hpke.MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_LENGTH]),
        x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_LENGTH:]),
    )
    return bytes(_suite(hpke).encrypt(plaintext, key, info))


def open_sealed(private_key: Key, info: bytes, sealed: bytes) -> Key | None:
    """The plaintext; None if anything isn't what was sealed, a low-order point included."""
    hpke, _, _ = _load()
    key = hpke.MLKEM768X25519PrivateKey(*_pair(private_key))
    try:
        return Key(_suite(hpke).decrypt(sealed, key, info))
    except (InvalidTag, ValueError):
        return None


def check_support() -> None:
    """Raise :class:`Unsupported` where ``cryptography`` lacks the KEM."""
    hpke, _, _ = _load()
    _pair(Key(bytes(32)))
    _suite(hpke)


def _suite(hpke: Any) -> Any:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def _pair(private_key: Key) -> tuple[Any, Any]:
    _, mlkem, x25519 = _load()
    # `SHAKE256(sk, 96)` = d ‖ z ‖ X25519 private key
    expanded = hashlib.shake_256(private_key).digest(96)
    try:
        mlkem_key = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    except UnsupportedAlgorithm:
        mlkem_key = None
    if mlkem_key is None:
        raise _unsupported()
    return mlkem_key, x25519.X25519PrivateKey.from_private_bytes(expanded[64:])


def _load() -> tuple[Any, Any, Any]:
    try:
        from cryptography.hazmat.primitives import hpke
        from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

        if hasattr(hpke.KEM, "MLKEM768_X25519"):
            return hpke, mlkem, x25519
    except ImportError:
        pass
    raise _unsupported()


def _unsupported() -> Unsupported:
    return Unsupported(
        "Requests need HPKE with ML-KEM-768, which this installation of cryptography lacks. "
        "Install cryptography 48 or newer from PyPI's wheels: pip install --only-binary cryptography 'cryptography>=48'."
    )
