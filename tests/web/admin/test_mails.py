"""The words of the mails in the console: seen, written, looked at, tried, saved as versions and put back."""

from __future__ import annotations

import re

import pytest

from tests.web.admin.conftest import GRACE, Appoint, Desk
from tests.world import World
from waitlist.models.access import Role
from waitlist.models.mail_words import MailWords
from waitlist.variables import EDITED

LIST = "/admin/w/campus/mails"
AT = f"{LIST}/invite/en"
BODY = "Your seat, {{ email }}!\n\n[Sit down]({{ accept_url }})\n\nIt is yours until {{ until }}."


def write(grace: Desk, body: str = BODY, *, status: int = 303, to: str | None = None, **typed: str) -> str:
    answer = grace.press(AT, to, status=status, body=body, **typed)
    return grace.get(answer.location) if status == 303 else answer.text


def test_every_mail_to_people_is_listed_with_its_languages_and_whose_words_it_has(grace: Desk, world: World) -> None:
    world.launch()
    write(grace)
    page = grace.get(LIST)
    assert set(re.findall(r'data-testid="mails-row" data-id="(\w+)"', page)) == set(EDITED)
    assert page.count("Yours, version 1") == 1
    assert page.count("The service’s own") == 2 * len(EDITED) - 1
    assert 'href="/admin/w/campus/mails"' in grace.get("/admin/w/campus/outbox")
    for kind in EDITED:
        for language in ("en", "fr"):
            assert "<iframe" in grace.get(f"{LIST}/{kind}/{language}"), kind
            assert "</html>" in grace.get(f"{LIST}/{kind}/{language}/preview"), kind
    for unknown in ("erased/en", "test/en", "invite/tlh"):
        grace.get(f"{LIST}/{unknown}", status=404)


def test_the_editor_begins_with_the_services_words_and_saves_a_version(grace: Desk, world: World) -> None:
    world.launch()
    page = grace.get(AT)
    assert "[Accept your invite]({{ accept_url }})" in page
    assert "Left empty: “Your invite to Campus is ready”" in page
    assert "Nothing was saved" in grace.press(AT, "", follow=True).text
    assert "Saved as version 1." in write(grace, subject="Sit,\r\n {{ waitlist }}", text="")
    (row,) = world.rows(MailWords)
    assert (row.kind, row.language, row.body, row.subject) == ("invite", "en", BODY, "Sit, {{ waitlist }}")
    assert "Sit down" in grace.get(f"{AT}/preview")
    assert "Sit, Campus" in grace.get(f"{AT}/preview")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ config }}", "This mail does not know “config”. It knows: accept_url, until, code,"),
        ("{{ a.b }}", "“{{ a.b }}” is more than a name. Between double braces stands one name of the list;"),
        ("{{ until }}", "{{ accept_url }} is missing, and the mail is no use without it."),
        ("{{ until }}\n\n" + "{{accept_url}} " * 600, "The mail has more than 60 kB"),
    ],
)
def test_words_that_could_stop_a_mail_are_refused_with_the_way_out_and_kept(
    grace: Desk, world: World, body: str, said: str
) -> None:
    world.launch()
    page = write(grace, body, status=422)
    assert said in page
    assert 'id="body-error"' in page
    assert body[:20] in page
    assert world.rows(MailWords) == []


def look(grace: Desk, look: str, body: str = BODY) -> str:
    form = hidden_of(grace.get(AT), "data-preview")
    answer = grace.client.post(f"{AT}/preview", data=form | {"body": body, "look": look})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    return answer.text


def test_the_preview_shows_what_stands_in_the_form_and_nothing_runs_in_it(grace: Desk, world: World) -> None:
    world.launch()
    computer = look(grace, "computer", BODY + " <script>alert(1)</script>")
    assert "&lt;script&gt;" in computer
    assert "@media not all" in computer
    assert "@media all" in look(grace, "dark")
    assert "max-width: 375px" in look(grace, "phone")
    assert look(grace, "text").startswith(
        "Your invite to Campus is ready\n\nHello Grace,\n\nYour seat, grace@team.example!"
    )
    assert "is more than a name" in look(grace, "computer", "{{ 7 * 7 }}")
    assert world.rows(MailWords) == []


def test_a_test_goes_to_the_admin_alone_and_keeps_what_is_typed(grace: Desk, world: World) -> None:
    world.launch()
    form = hidden_of(grace.get(AT), "data-preview")
    for body, status in ((BODY, 200), (BODY, 200), ("nothing", 422)):
        answer = grace.client.post(f"{AT}/test", data=form | {"body": body})
        assert answer.status_code == status
        assert body in answer.text
    (message,) = world.messages("words_test")  # the second press of the same form is told of the first
    assert (message.to_address, message.priority) == (GRACE, 0)
    assert (
        "A test is on its way to grace@team.example, marked [TEST]."
        in grace.client.post(f"{AT}/test", data=form | {"body": BODY + " more"}).text
    )
    assert len(world.messages("words_test")) == 2
    for n in range(18):
        grace.client.post(f"{AT}/test", data=form | {"body": BODY + str(n)})
    answer = grace.client.post(f"{AT}/test", data=form | {"body": BODY + " again"})
    assert answer.status_code == 429
    assert "You sent 20 tests within an hour." in answer.text
    assert len(world.messages("words_test")) == 20


def test_going_back_to_change_something_more_never_says_saved_without_saving(grace: Desk, world: World) -> None:
    world.launch()
    form = hidden_of(grace.get(AT), "data-preview")
    assert grace.client.post(AT, data=form | {"body": BODY}).status_code == 303
    assert grace.client.post(AT, data=form | {"body": BODY}).status_code == 303  # a double press
    late = grace.client.post(AT, data=form | {"body": BODY + " More."})
    assert late.status_code == 409
    assert "Grace saved other words meanwhile. Yours are below, not saved." in late.text
    assert BODY + " More." in late.text
    assert len(world.rows(MailWords)) == 1
    fresh = hidden_of(late.text, "data-preview")
    assert grace.client.post(AT, data=fresh | {"body": BODY + " More."}).status_code == 303
    assert len(world.rows(MailWords)) == 2


def test_versions_say_who_changed_what_and_come_back_as_new_ones(grace: Desk, world: World) -> None:
    world.launch()
    assert "Nobody has changed these words yet." in grace.get(f"{AT}/versions")
    write(grace)
    write(grace, BODY.replace("seat", "chair"))
    page = grace.get(f"{AT}/versions")
    assert page.index("Version 2") < page.index("Version 1")
    assert "<ins>+ Your chair, {{ email }}!</ins>" in page
    assert "<del>− Your seat, {{ email }}!</del>" in page
    assert "Grace" in page
    back = grace.press(f"{AT}/versions", "/versions/1/return", follow=True).text
    assert "In force again, as version 3." in back
    assert "Your seat" in back
    stale = grace.client.post(f"{AT}/versions/2/return", data=hidden_of(page, "/versions/1/return"))
    assert stale.status_code in (409, 422)
    own = grace.press(AT, "/built-in", follow=True).text
    assert "In force again, as version 4." in own
    assert "[Accept your invite]" in own
    page = grace.get(f"{AT}/versions")
    assert "The service’s own words again" in page
    assert "Version 1 again" in page
    assert [row.version for row in world.rows(MailWords)] == [1, 2, 3, 4]


def hidden_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with these words in it."""
    form = next(found for found in re.findall(r"<form[^>]*>.*?</form>", page, re.S) if action in found)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_whoever_only_reads_sees_the_words_and_changes_none(appoint: Appoint, world: World) -> None:
    campus = world.launch()
    linus = appoint("linus@team.example", Role.ANALYST, campus)
    page = linus.get(AT)
    assert "Send me a test" not in page
    assert ">Save<" not in page
    token = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    for path in (AT, f"{AT}/test", f"{AT}/preview", f"{AT}/built-in", f"{AT}/versions/1/return"):
        assert linus.client.post(path, data=token | {"body": BODY}).status_code == 403
    assert world.rows(MailWords) == []
