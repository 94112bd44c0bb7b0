"""Mail providers: which addresses of theirs reach the same mailbox, and which domains hand them to anybody.

The rules, and where each provider states its own:
- every provider: what follows "+" is a tag (RFC 5233). Whole campuses live at Google Workspace and Microsoft 365, which
  do so under the campus's own domain, so this one rule is not kept to a list of domains;
- Gmail: dots do not count, googlemail.com is gmail.com (support.google.com/mail/answer/7436150);
- Proton: dots, hyphens and underscores do not count (`removeEmailAlias` in github.com/ProtonMail/WebClients), and its
  domains share their names (proton.me/support/addresses-and-aliases);
- Fastmail: anything@ada.fastmail.com reaches ada@fastmail.com (fastmail.help/hc/en-us/articles/360060591053);
- iCloud: me.com and mac.com are older names of icloud.com (support.apple.com/118230);
- Yahoo: "-" starts the keyword of a disposable address (help.yahoo.com/help/uk/bt/tutorials/mail/addressguard2.html);
- Yandex: its domains share their names (yandex.com/support/domain/additional/mailbox-alias.xml).
"""

from collections.abc import Callable

from disposable_email_domains import blocklist

_COUNTRIES = {
    "outlook": (
        "com at be cl cz de dk es fr hu ie in it jp kr lv my ph pt sa sg sk co.id co.il co.th com.ar "
        "com.au com.br com.gr com.tr com.vn"
    ),
    "hotmail": (
        "com at be ca ch cl cz de dk es fi fr gr hu it lt lv my nl no ph rs se sg sk co.id co.il co.in "
        "co.jp co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.hk com.tr com.tw com.vn"
    ),
    "live": (
        "com at be ca cl cn de dk fi fr hk ie in it jp nl no ru se co.kr co.uk co.za com.ar com.au "
        "com.mx com.my com.ph com.pt com.sg"
    ),
    "yahoo": (
        "com at be bg ca cl cz de dk es fi fr gr hu ie in it nl no pl pt ro se co.id co.il co.in co.jp "
        "co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.co com.hk com.mx com.my com.pe com.ph "
        "com.sg com.tr com.tw com.ve com.vn"
    ),
    "gmx": "com at ch de es eu fr info li net org us co.uk",
}


def _named(brand: str) -> frozenset[str]:
    return frozenset(f"{brand}.{ending}" for ending in _COUNTRIES[brand].split())


_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_PROTON = frozenset({"proton.me", "protonmail.com", "protonmail.ch", "pm.me"})
_ICLOUD = frozenset({"icloud.com", "me.com", "mac.com"})
_FASTMAIL = frozenset({"fastmail.com", "fastmail.fm"})
_YAHOO = _named("yahoo") | {"ymail.com", "rocketmail.com", "myyahoo.com"}
_YANDEX = frozenset(["yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua"])
_OTHER_NAMES = (
    "126.com 163.com aim.com alice.it aol.com arcor.de att.net bluewin.ch bol.com.br btinternet.com comcast.net "
    "cox.net daum.net email.com email.it foxmail.com free.fr freenet.de hanmail.net hey.com hushmail.com inbox.ru "
    "interia.pl kakao.com laposte.net libero.it list.ru mail.com mail.de mail.ru mailbox.org msn.com naver.com "
    "o2.pl onet.pl orange.fr posteo.de qq.com rambler.ru rediffmail.com riseup.net sbcglobal.net seznam.cz sfr.fr "
    "sina.com sky.com sohu.com t-online.de terra.com.br tuta.com tuta.io tutanota.com uol.com.br verizon.net "
    "virgilio.it wanadoo.fr web.de windowslive.com wp.pl yandex.com.tr yandex.uz yeah.net zoho.com zohomail.com"
)
_OTHERS = frozenset(_OTHER_NAMES.split())
PROVIDERS = frozenset().union(
    _GMAIL, _PROTON, _ICLOUD, _FASTMAIL, _YAHOO, _YANDEX, _OTHERS, *map(_named, ("outlook", "hotmail", "live", "gmx"))
)
"""Domains at which anybody can get an address (A-labels, lower-case)."""


def fold(local: str, domain: str) -> str:
    """The mailbox behind an address: one string for all the spellings that reach it. To compare, never to mail.

    `local` and `domain` are lower-case. A rule that would leave nothing of the local part is not applied.
    """
    local = _before(local, "+")
    for domains, rule in _RULES:
        if domain in domains:
            return rule(local, domain)
    user, _, parent = domain.partition(".")
    return f"{user}@{parent}" if parent in _FASTMAIL else f"{local}@{domain}"


def is_disposable(domain: str) -> bool:
    """Whether the domain, or one above it, hands out throw-away addresses (list of disposable-email-domains)."""
    labels = domain.split(".")
    return any(".".join(labels[i:]) in blocklist for i in range(len(labels) - 1))


def _before(local: str, mark: str) -> str:
    return local.partition(mark)[0] or local


def _gmail(local: str, _domain: str) -> str:
    return f"{local.replace('.', '')}@gmail.com"


def _proton(local: str, _domain: str) -> str:
    bare = local.translate(str.maketrans("", "", ".-_"))
    return f"{bare or local}@proton.me"


def _icloud(local: str, _domain: str) -> str:
    return f"{local}@icloud.com"


def _yahoo(local: str, domain: str) -> str:
    return f"{_before(local, '-')}@{domain}"


def _yandex(local: str, _domain: str) -> str:
    return f"{local}@yandex.ru"


_RULES: tuple[tuple[frozenset[str], Callable[[str, str], str]], ...] = (
    (_GMAIL, _gmail),
    (_PROTON, _proton),
    (_ICLOUD, _icloud),
    (_YAHOO, _yahoo),
    (_YANDEX, _yandex),
)
