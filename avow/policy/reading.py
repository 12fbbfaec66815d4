"""
Take a policy file's bytes in and turn them into text, or say why not.

Holds:    never reads more than the limit, whatever the path names; nothing is
          written. A refusal names the line, where there is one, and the remedy.
"""

from pathlib import Path

from avow.errors import PolicyUnreadable

MOST = 1_000_000  # bytes; the longest policy in the wild that we know has 700,000
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_policy(path: Path) -> bytes:
    """Return the bytes of a policy file."""
    if path.is_dir():
        raise PolicyUnreadable(f"{path} is a folder; name the Markdown file in it.")
    if path.exists() and not path.is_file():
        raise PolicyUnreadable(f"{path} is not an ordinary file; save the policy as a Markdown file and name that.")
    try:
        with path.open("rb") as file:
            return file.read(MOST + 1)
    except FileNotFoundError:
        raise PolicyUnreadable(f"There is no file {path}; name the policy's Markdown file.") from None
    except OSError as error:
        raise PolicyUnreadable(f"{path} cannot be read ({error.strerror}); check its permissions.") from None


def text_of(raw: bytes, name: str) -> str:
    """Decode a policy, refusing what is too long, binary, not UTF-8 or empty."""
    if len(raw) > MOST:
        raise PolicyUnreadable(
            f"{name} is longer than {MOST:,} bytes, the most that Avow reads as one policy; "
            "split off what is not policy text, such as embedded pictures."
        )
    if raw[:2] in UTF16:
        raise PolicyUnreadable(f"{name}, line 1: the file is UTF-16; save it as UTF-8.")
    if (at := raw.find(b"\0")) >= 0:
        raise PolicyUnreadable(f"{name}, line {_line(raw, at)}: the file is binary; save the policy as Markdown text.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line(raw, error.start)
        raise PolicyUnreadable(f"{name}, line {line}: a byte here is not UTF-8; save the file as UTF-8.") from None
    if not text.strip():
        raise PolicyUnreadable(f"{name}, line 1: the file is empty; put the text of the policy into it.")
    return text


def _line(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1
