import hashlib
import hmac
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email


class BadAddress(ValueError):
    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Address:
    email: str
    key: str
    domain: str
    domain_shown: str
    mailbox: str


def canon(typed: str) -> Address:
    try:
        v = validate_email(typed.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise BadAddress("email_format") from error
    d = v.ascii_domain.lower()
    local = v.local_part
    box = local.lower().split("+")[0]
    if d == "gmail.com":
        box = box.replace(".", "")
    return Address(f"{local}@{d}", f"{local.lower()}@{d}", d, v.domain, f"{box}@{d}")


def abuse_key(mailbox: str, pepper: bytes) -> str:
    return hmac.new(pepper, mailbox.encode(), hashlib.sha256).hexdigest()


def ticket(mailbox: str, salt: bytes, label: str) -> int:
    return int.from_bytes(hmac.digest(salt, f"{label}\x1f{mailbox}".encode(), "sha256")[:8]) >> 1
