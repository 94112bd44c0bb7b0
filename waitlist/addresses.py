"""Addresses: what somebody typed, as the one address to mail and the keys to compare it by."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from waitlist.hostnames import DOTS, WHITE, Fault, fault_in, host
from waitlist.mailboxes import PROVIDERS, fold, is_disposable
from waitlist.pasting import split_pasted
from waitlist.spelling import nearest

__all__ = [
    "Address",
    "BadAddress",
    "Pasted",
    "abuse_key",
    "canon",
    "check_lasting",
    "is_disposable",
    "mask",
    "parse_pasted",
    "suggestion",
    "ticket",
]

LONGEST = 254  # octets of an address on the wire (RFC 5321 4.5.3.1.3, RFC 3696 erratum 1690)
LONGEST_LOCAL = 64  # octets before the @ (RFC 5321 4.5.3.1.1)

# Routes (% and !), quoted locals, comments, lists, display names, address literals, encoded words (RFC 2047).
_NOT_PLAIN = re.compile(r'[%!"()<>\[\],;:\\\s]|=\?|\?=')
# A shorter name (aol, live, gmx) is too often one letter away from somebody's real domain.
_SPELLABLE = frozenset(provider for provider in PROVIDERS if len(provider.partition(".")[0]) > 4)


class BadAddress(ValueError):
    """What was typed is no address that we mail. `code` names the sentence in `waitlist/sentences.py`."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Address:
    """One e-mail address. Equal addresses were typed alike but for white space, normalisation and domain spelling."""

    email: str  # the local part as typed (NFC) at the A-label domain: the only form ever mailed
    key: str  # lower-case, tag kept: unique in a launch
    domain: str  # A-label, lower-case
    domain_shown: str  # the domain in Unicode
    mailbox: str  # folded by the provider's rules; stays in memory, goes into `abuse_key` and `ticket`


@dataclass(frozen=True)
class Pasted:
    """One item of a pasted list: an address, or the code of what is wrong with it."""

    typed: str  # the item without its name and brackets
    name: str  # "" when none stood before the address
    address: Address | None
    fault: BadAddress | None
    duplicate: bool  # the same address stands earlier in the list


def canon(typed: str) -> Address:
    """The address that was typed. `canon(canon(x).email) == canon(x)`.

    Raises BadAddress: email_empty, email_too_long, email_local_too_long, email_invisible, email_trailing_dot,
    email_lookalike, email_format. Looks nothing up in the DNS.
    """
    text = typed.strip(WHITE)
    _check_text(text)
    local, _, domain = unicodedata.normalize("NFC", text).partition("@")
    if len(local.encode()) > LONGEST_LOCAL:
        raise BadAddress("email_local_too_long", limit=LONGEST_LOCAL)
    checked = _validate(local, domain)
    ascii_domain = (checked.ascii_domain or "").lower()
    if checked.domain != ascii_domain and (fault := fault_in(checked.domain)):
        raise _misleading(fault)
    lower = unicodedata.normalize("NFC", local.lower())
    return Address(
        email=f"{local}@{ascii_domain}",
        key=f"{lower}@{ascii_domain}",
        domain=ascii_domain,
        domain_shown=checked.domain,
        mailbox=fold(lower, ascii_domain),
    )


def check_lasting(address: Address) -> None:
    """Raise BadAddress email_disposable for an address that is made to be thrown away."""
    if is_disposable(address.domain):
        raise BadAddress("email_disposable")


def abuse_key(mailbox: str, pepper: bytes) -> str:
    """The hex HMAC-SHA256 of a folded mailbox: for credit, limits and lists, never for uniqueness."""
    return hmac.new(pepper, mailbox.encode(), hashlib.sha256).hexdigest()


def ticket(mailbox: str, salt: bytes, label: str) -> int:
    """The mailbox's number in the launch's draw: 63 bits of HMAC-SHA256(salt, label | 0x1f | mailbox).

    `label` is "wave" for the order of a draw and "arm" for the variant, so that the two are independent. The first
    eight bytes, big-endian, shifted right by one: `openssl dgst -sha256 -mac HMAC` recomputes it.
    """
    digest = hmac.digest(salt, f"{label}\x1f{mailbox}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def mask(email: str, *, keep_domain: bool = False) -> str:
    """The address as others may see it: "c•••@…", or "c•••@college.edu" with `keep_domain`; "•••" once erased."""
    local, _, domain = email.partition("@")
    if not domain:
        return "•••"
    return f"{local[:1]}•••@{host(domain).shown if keep_domain else '…'}"


def suggestion(address: Address) -> str | None:
    """What was probably meant: ada@gmail.com for ada@gmial.com. A question to ask, never an error."""
    if address.domain in PROVIDERS or (near := nearest(address.domain, _SPELLABLE)) is None:
        return None
    return f"{address.email.partition('@')[0]}@{near}"


def parse_pasted(text: str) -> list[Pasted]:
    """Every item of a pasted list in its order, the unreadable ones and the duplicates with it.

    Items stand on lines of their own or between commas, semicolons and tabs; `Ada <ada@x.org>` gives the name too.
    """
    seen: set[str] = set()
    pasted = []
    for name, typed in split_pasted(text):
        address, fault = _try_canon(typed)
        duplicate = address is not None and address.key in seen
        if address is not None:
            seen.add(address.key)
        pasted.append(Pasted(typed, name, address, fault, duplicate))
    return pasted


def _check_text(text: str) -> None:
    if not text:
        raise BadAddress("email_empty")
    fault = fault_in(text[: LONGEST + 1])  # the cap keeps a megabyte of text cheap
    if fault == "invisible":
        raise _misleading(fault)
    if len(text.encode()) > LONGEST:
        raise BadAddress("email_too_long", limit=LONGEST)
    if text[-1] in DOTS:
        raise BadAddress("email_trailing_dot")
    if fault:
        raise _misleading(fault)
    if text.count("@") != 1 or _NOT_PLAIN.search(text):
        raise BadAddress("email_format")


def _misleading(fault: Fault) -> BadAddress:
    return BadAddress("email_invisible" if fault == "invisible" else "email_lookalike")


def _validate(local: str, domain: str) -> ValidatedEmail:
    try:
        return validate_email(f"{local}@{domain}", check_deliverability=False, strict=True)
    except EmailNotValidError as fault:
        if _too_long(local, domain):
            raise BadAddress("email_too_long", limit=LONGEST) from fault
        raise BadAddress("email_format") from fault


def _too_long(local: str, domain: str) -> bool:
    """Whether the A-labels, longer than what was typed, are what makes the address too long."""
    labels = (label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in domain.split("."))
    return len(f"{local}@{'.'.join(labels)}".encode()) > LONGEST


def _try_canon(typed: str) -> tuple[Address | None, BadAddress | None]:
    try:
        return canon(typed), None
    except BadAddress as fault:
        return None, fault
