"""Solves captchas: ALTCHA's proof of work with SHA-256 (``spec/captcha.md``)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ._protocol.encoding import utf8
from ._read import malformed_reply, read

_MAX_NUMBER = 10_000_000
"""A server that asks for more work than this isn't asking for a captcha."""
_MAX_SALT_CHARS = 1024


@dataclass
class _Challenge:
    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str


def solve_captcha(challenge: dict[str, Any]) -> str:
    """Find the number whose SHA-256, with the challenge's salt before it, is the challenge.

    ``reveal`` does so by itself; call it where the work should happen elsewhere.

    :param challenge: as ``reveal``'s option ``captcha`` gets it; a solution is good for one reveal
    :returns: the ``captcha`` of a reveal: base64 of ALTCHA's JSON
    :raises Malformed: for what isn't such a challenge or has no solution
    """
    known = read(_Challenge, challenge)
    is_known = known.algorithm == "SHA-256" and 0 <= known.maxnumber <= _MAX_NUMBER
    if not is_known or len(known.salt) > _MAX_SALT_CHARS:
        raise malformed_reply()
    salted = hashlib.sha256(utf8(known.salt))
    for number in range(known.maxnumber + 1):
        attempt = salted.copy()
        attempt.update(b"%d" % number)
        if attempt.hexdigest() == known.challenge:
            solution = {
                "algorithm": known.algorithm,
                "challenge": known.challenge,
                "salt": known.salt,
                "signature": known.signature,
                "number": number,
            }
            return base64.b64encode(json.dumps(solution).encode()).decode("ascii")
    raise malformed_reply()
