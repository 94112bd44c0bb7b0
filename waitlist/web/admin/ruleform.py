"""Rules between their form and their tree: domains, an allow-list, an invite or a member's link that is needed.

The form knows the trees that presets make: who somebody is (a domain or the list), and what they must hold.
"""

from dataclasses import asdict, dataclass
from typing import Any

from waitlist.web.admin.fields import Fields
from waitlist.web.admin.presets import read_domains

ALLOWED = "allowed"  # key of the allow-list
Tree = dict[str, Any]


@dataclass(frozen=True)
class RuleForm:
    """What the form says. `hold` is invite, link, either, or empty where nothing must be held."""

    domains: str = ""
    subdomains: bool = False
    excluded: str = ""
    listed: bool = False
    hold: str = ""


def read_form(fields: Fields) -> RuleForm:
    """The rules as typed; what is wrong with a domain stands in `fields.errors`."""
    return RuleForm(
        domains=", ".join(sorted(set(read_domains(fields, "domains")))),
        subdomains=fields.tick("subdomains"),
        excluded=", ".join(sorted(set(read_domains(fields, "excluded")))),
        listed=fields.tick("listed"),
        hold=fields.choice("hold", ("invite", "link", "either")),
    )


def tree_of(form: RuleForm) -> Tree:
    """The tree of a form; `form_of` gives the form back."""
    who: list[Tree] = []
    if form.domains:
        domain: Tree = {"kind": "domain", "domains": form.domains.split(", "), "subdomains": form.subdomains}
        who.append(domain | ({"excluded": form.excluded.split(", ")} if form.excluded else {}))
    if form.listed:
        who.append({"kind": "listed", "list": ALLOWED})
    held: dict[str, list[Tree]] = {
        "": [],
        "invite": [{"kind": "invited"}],
        "link": [{"kind": "referred"}],
        "either": [{"kind": "referred"}, {"kind": "invited"}],
    }
    parts = [_any(part) for part in (who, held[form.hold]) if part]
    if not parts:
        return {"kind": "everyone"}
    return parts[0] if len(parts) == 1 else {"kind": "all_of", "gates": parts}


def form_of(tree: Tree) -> RuleForm | None:
    """The form that makes this tree, or None for rules that only JSON can say."""
    form = RuleForm()
    for part in tree["gates"] if tree["kind"] == "all_of" else [tree]:
        for rule in part["gates"] if part["kind"] == "any_of" else [part]:
            form = _with(form, rule) or RuleForm(hold="unknown")
            if form.hold == "unknown":
                return None
    return form if _bare(tree_of(form)) == _bare(tree) else None


def _with(form: RuleForm, rule: Tree) -> RuleForm | None:
    values = asdict(form)
    match rule["kind"]:
        case "everyone":
            pass
        case "domain" if not form.domains:
            excluded = ", ".join(rule.get("excluded", ()))
            subdomains = rule.get("subdomains", False)
            values |= {"domains": ", ".join(rule["domains"]), "subdomains": subdomains, "excluded": excluded}
        case "listed" if rule["list"] == ALLOWED:
            values["listed"] = True
        case "invited":
            values["hold"] = "either" if form.hold == "link" else "invite"
        case "referred":
            values["hold"] = "either" if form.hold == "invite" else "link"
        case _:
            return None
    return RuleForm(**values)


def _any(parts: list[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else {"kind": "any_of", "gates": parts}


def _bare(tree: Tree) -> Tree:
    """The tree without what is written out by default, and with its lists in order, to be compared."""
    defaults = {"subdomains": False, "excluded": []}
    bare = {name: value for name, value in tree.items() if name != "min_trust" and defaults.get(name, tree) != value}
    if "gates" in bare:
        bare["gates"] = sorted((_bare(gate) for gate in bare["gates"]), key=str)
    return {name: sorted(value) if name in ("domains", "excluded") else value for name, value in bare.items()}
