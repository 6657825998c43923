"""Properties of the protocol, and fuzzing of everything that reads what others wrote."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from halfkey import HalfkeyError, LinkMistyped, Malformed, Tampered, ValidationError, WrongKey
from halfkey._http import _retry_after
from halfkey._protocol import chunks, content, encoding, envelope, keys, kms, link, owner, padding
from halfkey._protocol.encoding import Key
from halfkey._read import read
from halfkey._records import KmsEntry, RequestDetails, SecretDetails
from halfkey._save import safe_name
from halfkey._workspace import verify_export, verify_webhook

EXAMPLES = 2000 if os.environ.get("HALFKEY_LONG") else 100
settings.register_profile(
    "halfkey", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("halfkey")

keys_of_32 = st.binary(min_size=32, max_size=32).map(Key)
texts = st.text(st.characters(exclude_categories=["Cs"]))
handlers = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}(/[a-z0-9][a-z0-9._-]{0,8}){0,3}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.binary())
def test_b64_has_one_text_for_each_value(data: bytes) -> None:
    text = encoding.b64(data)
    assert encoding.unb64(text) == data
    assert "=" not in text
    for other in (text + "=", text + "\n", " " + text, text + "A"):
        with contextlib.suppress(Malformed):
            assert encoding.unb64(other) != data


@given(st.text())
def test_b64_reads_what_it_wrote_and_nothing_else(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert encoding.b64(encoding.unb64(text)) == text


@given(keys_of_32)
def test_b58_keeps_every_value(data: Key) -> None:
    assert encoding.unb58(encoding.b58(data, 44), 44, 32) == data


@given(st.binary(max_size=5000))
def test_padding_hides_lengths_and_is_undone(data: bytes) -> None:
    padded = padding.pad(data)
    assert padding.unpad(padded) == data
    assert len(padded) == padding.padded_length(len(data)) <= max(256, (len(data) + 1) * 1.13)


@given(json_values)
def test_json_keeps_every_value_that_both_languages_have(value: Any) -> None:
    assert encoding.from_json(encoding.to_json({"value": value})) == {"value": value}


@given(keys_of_32, st.sampled_from(["share", "ask", "collect", "status"]))
def test_every_link_reads_as_its_own_kind(key: Key, kind: link.LinkKind) -> None:
    slug = link.derive_link(key).slug
    text = link.format_link("https://halfkey.example/prefix", slug, key, kind)
    assert link.read_link(text, kind) == ("https://halfkey.example/prefix", slug, key)


@given(keys_of_32, st.data())
def test_a_link_with_one_changed_character_is_never_another_secret_s(key: Key, data: st.DataObject) -> None:
    text = link.format_link("https://h.example", link.derive_link(key).slug, key)
    at = data.draw(st.integers(len("https://h.example/"), len(text) - 1))
    other = data.draw(st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"))
    assume(text[at] not in (other, "#"))
    with pytest.raises(HalfkeyError):
        link.parse_link(text[:at] + other + text[at + 1 :])


@given(keys_of_32, keys_of_32, texts.filter(bool), st.booleans())
def test_content_opens_with_its_keys_and_no_others(key_a: Key, key_b: Key, text: str, as_bytes: bool) -> None:
    slug = link.derive_link(key_b).slug
    payload = {"bytes": encoding.b64(text.encode())} if as_bytes else {"text": text}
    made, sealed = content.seal_content(key_b, slug, None, payload)
    opened = content.open_content(content.ikm_of(made, key_b, None), slug, sealed)
    assert opened.content == (text.encode() if as_bytes else text)
    assume(key_a != made)
    with pytest.raises(WrongKey):
        content.open_content(content.ikm_of(key_a, key_b, None), slug, sealed)


@given(st.binary(max_size=600), st.data())
def test_every_changed_bit_of_an_envelope_is_found(plaintext: bytes, data: st.DataObject) -> None:
    ikm = encoding.random_key()
    sealed = envelope.seal_envelope_with(ikm, b"aad", plaintext, bytes(32), bytes(12))
    name = data.draw(st.sampled_from(["salt", "iv", "commitment", "ciphertext"]))
    value = bytearray(encoding.unb64(sealed[name]))
    value[data.draw(st.integers(0, len(value) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((WrongKey, Tampered)):
        envelope.open_envelope(ikm, b"aad", {**sealed, name: encoding.b64(bytes(value))}, "wrong key")


@settings(max_examples=25)
@given(st.integers(0, 3 * chunks.CHUNK_LENGTH), st.data())
def test_every_changed_bit_cut_or_swap_of_a_file_is_found(size: int, data: st.DataObject) -> None:
    key = encoding.random_key()
    plaintext = bytes(size)
    sealed = bytearray(chunks.encrypted_size(size))
    chunks.seal_chunks(key, size, 0, memoryview(plaintext), memoryview(sealed))
    into = bytearray(size)
    chunks.open_chunks(key, size, 0, memoryview(sealed), memoryview(into))
    assert into == plaintext
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[at] ^= 1
    longer = chunks.SEALED_CHUNK_LENGTH
    swapped = sealed[longer : 2 * longer] + sealed[:longer] + sealed[2 * longer :]
    for other in [changed, sealed[:at], *([swapped] if size > 2 * chunks.CHUNK_LENGTH else [])]:
        with pytest.raises(Tampered):
            open_whole(key, size, other)


def open_whole(key: Key, size: int, sealed: bytearray) -> None:
    """As a download does, which checks the length first."""
    if len(sealed) != chunks.encrypted_size(size):
        raise chunks.tampered_file()
    chunks.open_chunks(key, size, 0, memoryview(sealed), memoryview(bytearray(size)))


@given(keys_of_32, handlers, handlers)
def test_a_folder_key_opens_what_is_below_it_and_nothing_else(workspace_key: Key, folder: str, other: str) -> None:
    assume(len(folder) + len(other) < 120)
    root = kms.root_key(workspace_key)
    key = kms.parse_key(kms.format_key(root, f"{folder}/"))
    below = f"{folder}/{other}"
    assert kms.derive_key(key, below) == kms.derive_key(root, below)
    assert kms.derive_key(key, folder) == kms.derive_key(root, folder)
    assert kms.covers(key, other) == f"{other}/".startswith(f"{folder}/")


@given(keys_of_32, handlers, st.data())
def test_a_key_s_text_with_one_changed_character_is_refused(workspace_key: Key, name: str, data: st.DataObject) -> None:
    text = kms.format_key(kms.root_key(workspace_key), name)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_:/. "))
    assume(text[at] != other)
    with pytest.raises(HalfkeyError):
        kms.parse_key(text[:at] + other + text[at + 1 :])


@given(st.text())
def test_a_password_is_taken_or_refused_but_never_changed_silently(password: str) -> None:
    taken = keys.is_password(password)
    assert not taken or len(password.encode()) >= 1
    if not taken:
        with pytest.raises(ValidationError):
            keys.stretch_password(password, Key(bytes(32)), "x" * 13)


@given(st.text())
def test_a_received_name_stays_in_its_folder(name: str) -> None:
    last = content.last_component(name)
    assert last not in ("", ".", "..")
    assert "/" not in last
    assert "\\" not in last
    safe = safe_name(last)
    assert safe not in ("", ".", "..")
    assert len(safe.encode("utf-8", "replace")) <= 255
    assert not set('<>:"/\\|?*\0\n') & set(safe)


# Readers: anything at all either reads or is refused with one of the package's own errors.


def fuzz(reader: Any, *arguments: Any) -> None:
    with contextlib.suppress(HalfkeyError):
        reader(*arguments)


@given(
    st.text() | st.text().map(lambda text: f"https://h.example/{text}") | st.text().map(lambda text: f"http://{text}#1")
)
def test_any_text_as_a_link_is_read_or_refused(text: str) -> None:
    for kind in ("share", "ask", "collect", "status"):
        fuzz(link.read_link, text, kind)


@given(st.text() | handlers.map(lambda name: f"{name}:1"))
def test_any_text_as_a_key_is_read_or_refused(text: str) -> None:
    fuzz(kms.parse_key, text)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_as_a_payload_are_read_or_refused(data: bytes) -> None:
    fuzz(content.read_payload, data)


@given(st.fixed_dictionaries({}, optional={"text": json_values, "bytes": json_values, "files": st.lists(json_values | st.fixed_dictionaries({"id": json_values | st.just("A" * 22), "name": json_values, "type": json_values, "size": json_values}))}))  # fmt: skip  # noqa: E501
def test_any_payload_is_read_or_refused(payload: dict[str, Any]) -> None:
    fuzz(content.read_payload, json.dumps(payload).encode())


@given(json_values | st.fixed_dictionaries({"v": json_values | st.just(1), "salt": texts, "iv": texts, "commitment": texts, "ciphertext": texts}))  # fmt: skip  # noqa: E501
def test_any_envelope_is_read_or_refused(value: Any) -> None:
    fuzz(envelope.open_envelope, Key(bytes(64)), b"", value, "wrong key")


@given(json_values)
def test_any_sealed_value_is_read_or_refused(value: Any) -> None:
    fuzz(owner.open_meta, Key(bytes(32)), "x" * 13, value)
    fuzz(content.open_note, Key(bytes(32)), "x" * 13, value)
    fuzz(kms.open_kms_meta, Key(bytes(32)), "a", value)


@given(json_values, st.sampled_from([SecretDetails, KmsEntry, RequestDetails]))
def test_any_reply_is_read_or_refused(value: Any, cls: type[Any]) -> None:
    fuzz(read, cls, value)


@given(st.binary(), st.text(), st.text(), st.text())
def test_any_message_to_a_webhook_is_refused(body: bytes, message_id: str, timestamp: str, signature: str) -> None:
    headers = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    with pytest.raises(HalfkeyError):
        verify_webhook("whsec_c2VjcmV0", headers, body, now=0)


@given(st.binary() | st.lists(json_values).map(lambda lines: b"\n".join(json.dumps(line).encode() for line in lines)))
def test_any_export_is_verified_or_refused(data: bytes) -> None:
    fuzz(verify_export, data)


@given(st.text())
def test_any_retry_after_is_read_or_ignored(value: str) -> None:
    wait = _retry_after(value)
    assert wait is None or wait >= 0


def test_a_deeply_nested_reply_is_refused() -> None:
    with pytest.raises(Malformed):
        encoding.from_json(b'{"a":' * 100_000)
    with pytest.raises(LinkMistyped):
        link.parse_link("https://h.example/" + "a" * 1_000_000 + "#1" + "2" * 44)
