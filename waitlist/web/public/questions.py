"""Custom questions: the admin's words as fields, and what somebody answered, checked."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from waitlist.i18n import number
from waitlist.queries.launch_page import Asked, Terms

AT_ONCE = 3  # more questions than this are asked after the confirmation
NOT_SAID = {"not_said": True}  # the answer of somebody who would rather not say
Fault = tuple[str, str]  # field id, message


def field_id(question: Asked) -> str:
    """The name and id of a question's field, also for forms on other people's pages."""
    return f"q_{question.key}"


def terms_id(terms: Terms) -> str:
    """The name and id of the tick under a text; a page that was left open names the words it showed."""
    return f"agree_{terms.key}_{terms.version}"


def agreed(terms: Sequence[Terms], form: MultiDict[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """The versions of the texts that were ticked, by key, and what must be ticked and was not."""
    ticked = {one.key: str(one.version) for one in terms if form.get(terms_id(one))}
    missing = [one for one in terms if one.required and one.key not in ticked]
    return ticked, [(terms_id(one), str(gettext("Select that you agree to the terms"))) for one in missing]


def read(questions: Sequence[Asked], form: MultiDict[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The answers by question id (as text), and what is wrong with them. Empty optional answers are left out."""
    answers: dict[str, Any] = {}
    faults: list[Fault] = []
    for question in questions:
        value = _value(question, form)
        fault = _fault(question, value)
        if fault:
            faults.append((field_id(question), fault))
        elif value:
            answers[str(question.id)] = value
    return answers, faults


def filled(questions: Sequence[Asked], answers: Mapping[str, Any]) -> MultiDict[str, Any]:
    """Answers by question id (as text) as a form holds them."""
    values: MultiDict[str, Any] = MultiDict()
    for question in questions:
        value = answers.get(str(question.id), "")
        if value == NOT_SAID:
            values[not_said_id(question)] = "yes"
            continue
        values.setlist(field_id(question), value if isinstance(value, list) else [value])
    return values


def not_said_id(question: Asked) -> str:
    """The name and id of "I would rather not say" under a question."""
    return f"{field_id(question)}_not_said"


def _value(question: Asked, form: MultiDict[str, str]) -> Any:
    """What was answered; who answers and would rather not say as well has not said."""
    if question.may_decline and form.get(not_said_id(question)):
        return NOT_SAID
    if question.kind == "many":
        return [choice for choice in form.getlist(field_id(question)) if choice in question.choices]
    given = form.get(field_id(question), "")
    if question.kind == "one":
        return given if given in question.choices else ""
    text = given.replace("\x00", "").replace("\r\n", "\n").strip()
    return " ".join(text.split()) if question.kind == "short" else text


def _fault(question: Asked, value: Any) -> str:
    if value == NOT_SAID:
        return ""
    if not value and question.required:
        if question.kind in ("one", "many"):
            return str(gettext("Select %(label)s", label=question.label))
        return str(gettext("Enter your %(label)s", label=question.label))
    if question.kind == "many" and question.most is not None and len(value) > question.most:
        return str(ngettext("Select up to %(num)s choice", "Select up to %(num)s choices", question.most))
    if question.kind in ("short", "long") and len(value) > question.longest:
        return str(
            gettext(
                "%(label)s must be %(limit)s characters or less", label=question.label, limit=number(question.longest)
            )
        )
    return ""
