# Generated from _aio by scripts/generate_sync.py; don't edit.
"""The synchronous client, generated from ``_aio`` by ``scripts/generate_sync.py``."""
