"""``python -m halfkey``: create and open secrets on a command line."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence

from . import HalfkeyError, HalfkeySync, LinkSync, PasswordRequired
from ._create import UNLIMITED
from ._version import VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code: 1 for a failure, 2 for wrong options."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except HalfkeyError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m halfkey", description="Share secrets that the server can't read.")
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True)

    create = commands.add_parser("create", help="encrypt standard input and print its link")
    create.add_argument("--url", default=os.environ.get("HALFKEY_URL"), help="of the server (default: HALFKEY_URL)")
    create.add_argument("--hours", type=float, default=24, help="until it expires (default: 24)")
    create.add_argument(
        "--views", type=int, default=1, help="times that it can be opened, 0 for any number (default: 1)"
    )
    create.add_argument("--message", help="a note that is readable before the secret is opened")
    create.add_argument("--password", action="store_true", help="ask for a password")
    create.add_argument("--file", action="append", default=[], metavar="PATH", help="attach a file")
    create.set_defaults(run=_create)

    opening = commands.add_parser("open", help="open a link and write its content to standard output")
    opening.add_argument("link", help="the whole link; - reads it from standard input")
    opening.add_argument("--out", metavar="FOLDER", help="save the files there")
    opening.set_defaults(run=_open)
    return parser


def _create(options: argparse.Namespace) -> int:
    if not options.url:
        print("Give the server's address with --url, or in HALFKEY_URL.", file=sys.stderr)
        return 2
    password = getpass.getpass("Password: ") if options.password else None
    content = b"" if options.file and sys.stdin.isatty() else sys.stdin.buffer.read()
    token = os.environ.get("HALFKEY_TOKEN")
    with HalfkeySync(options.url, token=token or None) as client:
        secret = client.create(
            _text_or_bytes(content),
            hours=options.hours,
            views=options.views or UNLIMITED,
            message=options.message,
            password=password,
            attachments=options.file,
        )
    print(secret.share_url)
    return 0


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _open(options: argparse.Namespace) -> int:
    text = sys.stdin.readline() if options.link == "-" else options.link
    with HalfkeySync() as client:
        link = client.open_link(text)
        if link.files and options.out is None:
            print(
                "This secret has files. Say with --out FOLDER where to save them. Nothing was used up.", file=sys.stderr
            )
            return 2
        if link.note:
            print(link.note, file=sys.stderr)
        password = _ask("Password: ") if link.needs.password else None
        code = _ask_code(link, password)
        opened = link.reveal(password=password, otp=code)
        for file in opened.files:
            print(file.save(os.path.join(options.out, "")), file=sys.stderr)
        sys.stdout.buffer.write(opened.content or b"")
        sys.stdout.buffer.flush()
        opened.done()
    return 0


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise PasswordRequired("This secret asks for something that only a person can enter. Run this in a terminal.")
    return getpass.getpass(prompt)


def _ask_code(link: LinkSync, password: str | None) -> str | None:
    if link.needs.otp is None:
        return None
    if link.needs.otp.type != "totp":
        print(f"A code was sent to {link.request_code(password=password).to}.", file=sys.stderr)
    return _ask("Code: ")


if __name__ == "__main__":
    sys.exit(main())
