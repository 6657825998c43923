"""The protocol, one chapter of ``spec/protocol.md`` a module.

It imports nothing of this package but the error classes, and does no input or output, so that an auditor can read it alone.
"""
