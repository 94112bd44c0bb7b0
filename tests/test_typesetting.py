"""Own words become a mail: values are never markdown, the action is a button, and every address stands in the text."""

from __future__ import annotations

from markupsafe import escape

from waitlist.typesetting import line, text_of, to_html, to_text
from waitlist.variables import variables_of

KNOWN = variables_of("member_invite")
URL = "https://join.example/i/a?b=1&c=2"
VALUES = dict.fromkeys(KNOWN, "") | {
    "accept_url": URL,
    "decline_url": URL + "#decline",
    "inviter": "*Eve* <b>{{ until }}</b> [x](https://evil.example)",
    "waitlist": "Campus",
    "until": "4 March",
    "note": "Come!\n[bait](https://evil.example)",
}


def html(body: str, **values: str) -> str:
    return str(to_html(body, KNOWN, VALUES | values, lambda url, label: f"<button>{url}|{label}</button>"))


def text(body: str, **values: str) -> str:
    return to_text(body, KNOWN, VALUES | values)


def test_a_value_is_shown_as_it_is_and_never_read_as_words_of_ours() -> None:
    said = html("**{{ inviter }}** asks")
    assert said == f"<p><strong>{escape(VALUES['inviter'])}</strong> asks</p>\n"
    assert text("**{{ inviter }}** asks") == f"{VALUES['inviter']} asks"
    assert line("{{ inviter }} asks", VALUES) == f"{VALUES['inviter']} asks"


def test_html_and_pictures_of_the_team_are_letters() -> None:
    said = html("<script>alert(1)</script> ![x](https://x.example/x.png) {{ unknown }} `{{ until }}`")
    assert "<script>" not in said
    assert "<img" not in said
    assert "{{unknown}}" in said
    assert "`4 March`" in said


def test_the_first_link_that_is_a_paragraph_is_the_button_and_the_next_a_link() -> None:
    said = html("Hi\n\n[Join {{ waitlist }}]({{ accept_url }})\n\n[No]({{ decline_url }})")
    assert f"<button>{URL}|Join Campus</button>" in said
    assert f'<p><a href="{escape(URL)}#decline">No</a></p>' in said
    assert html("[]({{ accept_url }})").startswith(f"<button>{URL}|{URL}")


def test_an_address_in_a_sentence_is_a_link_unless_it_is_in_one() -> None:
    assert html("Go to {{ accept_url }}") == f'<p>Go to <a href="{escape(URL)}">{escape(URL)}</a></p>\n'
    assert html("A [{{ accept_url }}](https://x.example) b").count("<a ") == 1


def test_what_has_nothing_to_say_goes_with_its_paragraph_its_point_or_its_list() -> None:
    body = "Hello {{ name }}\n\nHi\n\n- {{ name }}\n- two\n\n1. {{ name }}\n\n# {{ name }}"
    assert html(body) == "<p>Hi</p>\n<ul>\n<li>two</li>\n</ul>\n"
    assert text(body) == "Hi\n\n- two"
    assert "Hello Ada" in html(body, name="Ada")
    assert text_of("Hello {{ name }}\n\nHi {{ until }}", KNOWN, VALUES) == "Hi 4 March"


def test_the_text_part_has_each_address_on_a_line_of_its_own() -> None:
    body = "# Hi\n\n[Come in]({{ accept_url }})\n\nSee [us](https://college.edu) or\nask\n\n1. one\n2. two\n\n- a"
    body += "\n\nbye {{ unknown }}"
    assert text(body).split("\n\n") == [
        "Hi",
        f"Come in:\n{URL}",
        "See us or\nask\nhttps://college.edu",
        "1. one\n2. two",
        "- a",
        "bye {{unknown}}",
    ]


def test_somebodys_own_words_are_set_off() -> None:
    assert '<span class="note">Come!\n[bait](https://evil.example)</span>' in html("She writes:\n{{ note }}")
    assert text("She writes:\n{{ note }}") == "She writes:\n\n> Come!\n> [bait](https://evil.example)"
