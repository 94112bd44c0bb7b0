"""Not eligible (P-11, P-13): who it is for, why this address does not fit, and what would make it work."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, request

from waitlist import domains
from waitlist.gates.answers import Answer, Refuses
from waitlist.models.launch import Launch
from waitlist.queries.launch_page import Asked, Terms
from waitlist.web.pages import page
from waitlist.web.public.application import Said
from waitlist.web.public.questions import AT_ONCE
from waitlist.web.wording import domain, joined, say

OF_DOMAINS = ("domain_not_allowed", "subdomain_not_allowed", "domain_excluded")


@dataclass(frozen=True)
class Why:
    """The refusal in words. `open_to` are the domains by name, and `meant` the address that was probably meant."""

    code: str
    text: str
    open_to: str
    meant: str | None


def show(
    launch: Launch,
    asked: tuple[Asked, ...],
    terms: tuple[Terms, ...],
    said: Said,
    answer: Answer,
    *,
    change: bool = False,
) -> Response:
    """The page for what the rules said, with everything that was typed kept in its forms.

    `change`: somebody in line wanted another address; they keep the one they have.
    """
    assert said.address is not None, "the rules were asked about an address"
    refusals = list(_each(answer))
    codes = [refusal.code for refusal in refusals]
    state = _state(codes)
    if state in ("referral-only", "invite-only") and not change:
        return _members_only(launch, state)
    return page(
        "public/not_eligible.html",
        status=403,
        state=state,
        launch=launch,
        email=said.address.email,
        name=said.name,
        domain=said.address.domain_shown,
        why=[why(launch, refusal, said.address.email) for refusal in refusals],
        invite="invite_needed" in codes,
        asked=() if len(asked) > AT_ONCE else asked,
        terms=terms,
        values=request.form,
        errors=(),
        change=change,
    )


def why(launch: Launch, refusal: Refuses, email: str) -> Why:
    """One refusal, as precisely as it can be told, and as the team wants it told."""
    code, params = refusal.code, dict(refusal.params)
    allowed = params.get("domains", ())
    names = allowed if isinstance(allowed, tuple) else ()
    meant = None
    if code in OF_DOMAINS and not launch.domains_shown:
        return Why("domain_hidden", say("domain_hidden", {}), "", None)
    if code in OF_DOMAINS[:2]:
        told = domains.why_not(str(params["domain"]), names)
        code, params = told.code, dict(told.params)
        closest = params.get("closest")
        meant = f"{email.rpartition('@')[0]}@{domain(closest)}" if isinstance(closest, str) else None
    return Why(code, say(code, params), joined(names, at="@") if names else "", meant)


def disposable(launch: Launch, asked: tuple[Asked, ...], terms: tuple[Terms, ...], said: Said) -> Response:
    """A throw-away address, where the launch refuses them."""
    assert said.address is not None, "it was read"
    return page(
        "public/disposable.html",
        status=403,
        state="disposable",
        launch=launch,
        email=said.address.email,
        asked=() if len(asked) > AT_ONCE else asked,
        terms=terms,
        values=request.form,
    )


def _members_only(launch: Launch, state: str) -> Response:
    return page("public/members_only.html", status=403, state=state, launch=launch, errors=(), values=request.form)


def _each(answer: Answer) -> Iterator[Refuses]:
    if isinstance(answer, Refuses):
        yield answer
        yield from answer.also


def _state(codes: list[str]) -> str:
    if any(code in OF_DOMAINS for code in codes):
        return "wrong-domain"
    if codes[:1] == ["referral_needed"]:
        return "referral-only"
    return "invite-only" if codes[:1] == ["invite_needed"] else "not-eligible"
