"""Codes that people type: Crockford base 32, forgiving on input, with a check symbol that catches slips.

The check symbol is the weighted sum of the symbols over GF(32) with the powers of a primitive element as weights:
it changes with every single wrong symbol and with every swap of two neighbours (Verhoeff's requirement;
the field polynomial is x^5 + x^2 + 1).
"""

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_FOLDED = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u2011": "", "\u2013": ""})
CODE_SYMBOLS = 13  # 65 bits
SLUG_SYMBOLS = 8  # 40 bits: public attribution that grants nothing
PREFIX_LIMIT = 24


class BadCode(ValueError):
    """What was typed cannot be a code of ours: wrong length, a symbol outside the alphabet, or a failed check."""


def fold(typed: str) -> str:
    """Upper case, without spaces and hyphens, with O read as 0 and I and L as 1."""
    return typed.strip().upper().translate(_FOLDED)


def check_symbol(symbols: str) -> str:
    """The check symbol for `symbols`; raises BadCode for a symbol outside the alphabet."""
    total = 0
    try:
        for symbol in symbols:
            total = _times_alpha(total ^ _VALUE[symbol])
    except KeyError as error:
        raise BadCode("symbol") from error
    return ALPHABET[total]


def random_slug() -> str:
    """A referral slug: 8 random symbols and their check symbol."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(SLUG_SYMBOLS))
    return symbols + check_symbol(symbols)


def read_slug(typed: str) -> str:
    """The slug in its stored form; raises BadCode before any look-up when one symbol is wrong."""
    return _checked(fold(typed), SLUG_SYMBOLS)


def random_id(prefix: str) -> str:
    """A public identifier with 100 random bits, such as `ent_4wk0...` (lower case, safe in URLs)."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(20)).lower()


def derive_code(key: bytes, row: str, version: int) -> str:
    """The 14 symbols (13 and a check) of the typed code that belongs to this row and version; never stored."""
    digest = hmac.digest(key, f"typed-code\x1f{row}\x1f{version}".encode(), hashlib.sha256)
    number = int.from_bytes(digest[:9]) >> 7
    symbols = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(CODE_SYMBOLS)))
    return symbols + check_symbol(symbols)


def show_code(prefix: str, symbols: str) -> str:
    """As printed: `CAMPUS-7K2P-M9QX-4TB8-WZ`."""
    groups = [symbols[start : start + 4] for start in range(0, len(symbols), 4)]
    return "-".join([prefix.upper(), *groups] if prefix else groups)


def read_code(typed: str) -> str:
    """The 14 symbols of a typed code, whatever prefix stands before them; raises BadCode before any look-up."""
    if len(typed) > 2 * (CODE_SYMBOLS + PREFIX_LIMIT) + 10:
        raise BadCode("length")
    return _checked(fold(typed)[-(CODE_SYMBOLS + 1) :], CODE_SYMBOLS)


def look_up_hash(pepper: bytes, symbols: str) -> str:
    """What the database keeps of a typed code: useless without the pepper."""
    return hmac.new(pepper, b"code-look-up\x1f" + symbols.encode(), hashlib.sha256).hexdigest()


def six_digits(key: bytes, row: str, version: int) -> str:
    """The six-digit code of an attempt: derived, so that a leaked database holds none."""
    digest = hmac.digest(key, f"six-digits\x1f{row}\x1f{version}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def read_six_digits(typed: str) -> str:
    """The digits of a six-digit code, typed with or without spaces and hyphens; raises BadCode before any look-up."""
    digits = "".join(typed.split()).translate(_FOLDED)
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        raise BadCode("digits")
    return digits


def same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def _checked(symbols: str, length: int) -> str:
    if len(symbols) != length + 1:
        raise BadCode("length")
    if check_symbol(symbols[:-1]) != symbols[-1]:
        raise BadCode("check")
    return symbols


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
