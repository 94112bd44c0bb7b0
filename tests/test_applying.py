"""One mailbox has one hash and one ticket in a launch, whichever door it comes by."""

from __future__ import annotations

from waitlist import addresses
from waitlist.applying import hashed

SALT, OTHER, PEPPER = "00" * 16, "01" * 16, b"pepper"


def test_two_spellings_of_one_mailbox_draw_the_same_tickets_and_stay_two_addresses() -> None:
    plain = hashed(addresses.canon("ada@gmail.com"), salt=SALT, pepper=PEPPER)
    tagged = hashed(addresses.canon("A.D.A+news@gmail.com"), salt=SALT, pepper=PEPPER)
    assert (plain["ticket"], plain["arm_ticket"]) == (tagged["ticket"], tagged["arm_ticket"])
    assert plain["abuse_key"] == tagged["abuse_key"]
    assert plain["email_key"] != tagged["email_key"]


def test_the_draw_of_a_launch_tells_nothing_of_its_arms_or_of_another_launch() -> None:
    here = hashed(addresses.canon("ada@college.edu"), salt=SALT, pepper=PEPPER)
    there = hashed(addresses.canon("ada@college.edu"), salt=OTHER, pepper=PEPPER)
    assert len({here["ticket"], here["arm_ticket"], there["ticket"], there["arm_ticket"]}) == 4
    assert all(0 <= n < 2**63 for n in (here["ticket"], here["arm_ticket"]))
    assert here["domain"] == "college.edu"
