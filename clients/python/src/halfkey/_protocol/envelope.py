"""Section 5: the envelope, which holds a secret's payload or a version of a named secret."""

from __future__ import annotations

import hmac
from typing import Any

from .._errors import Malformed, NewerVersion, Tampered, WrongKey
from .encoding import KEY_LENGTH, Key, as_integer, b64, unb64
from .gcm import IV_LENGTH, decrypt, encrypt
from .keys import content_keys
from .padding import pad, unpad

Envelope = dict[str, Any]
"""``{"v": 1, "salt", "iv", "commitment", "ciphertext"}``, all but ``v`` as b64."""


def seal_envelope_with(ikm: Key, aad: bytes, plaintext: bytes, salt: bytes, iv: bytes) -> Envelope:
    """An envelope from all its parts: ``salt`` is 32 fresh random bytes, ``iv`` 12."""
    keys = content_keys(ikm, salt)
    ciphertext = encrypt(keys.content_key, iv, aad, pad(plaintext))
    return {
        "v": 1,
        "salt": b64(salt),
        "iv": b64(iv),
        "commitment": b64(keys.commitment),
        "ciphertext": b64(ciphertext),
    }


def open_envelope(ikm: Key, aad: bytes, envelope: object, wrong_key: str) -> bytes:
    """Open an envelope as it came from the server.

    The commitment is compared first: AES-GCM alone doesn't commit to its key (Albertini et al., USENIX Security 2022).

    :param wrong_key: message for a commitment that isn't this key's
    :raises NewerVersion, Malformed, WrongKey, Tampered:
    """
    salt, iv, commitment, ciphertext = _read(envelope)
    keys = content_keys(ikm, salt)
    if not hmac.compare_digest(keys.commitment, commitment):
        raise WrongKey(wrong_key)
    padded = decrypt(keys.content_key, iv, aad, ciphertext)
    if padded is None:
        raise Tampered("The content was changed after it was sealed.")
    return unpad(padded)


def _read(envelope: object) -> tuple[bytes, bytes, bytes, bytes]:
    fields = envelope if isinstance(envelope, dict) else {}
    version = fields.get("v")
    if not isinstance(version, (int, float)) or isinstance(version, bool):
        raise Malformed("The envelope is malformed.")
    if as_integer(version) != 1:
        raise NewerVersion("The content was sealed by a newer version of Halfkey. Update this program.")
    return (
        unb64(fields.get("salt"), KEY_LENGTH),
        unb64(fields.get("iv"), IV_LENGTH),
        unb64(fields.get("commitment"), KEY_LENGTH),
        unb64(fields.get("ciphertext")),
    )
