"""What the doctor reads of the sender's domain, of periodic work that is late, and of backups."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tests.world import World
from waitlist.models.upkeep import JobBeat
from waitlist.queries import doctor, doctor_mail
from waitlist.queries.doctor import Finding, House
from waitlist.services import beating, installing

SPF = {"college.edu": ["v=spf1 mx -all", "something else"], "_dmarc.college.edu": ["v=DMARC1; p=none"]}


def mail(records: dict[str, list[str]] | None, sender: str = "college.edu") -> dict[str, tuple[str, str]]:
    found = doctor_mail.looks(sender, lambda name: None if records is None else records.get(name, []))
    return {look.check: (look.state, look.says % look.params) for look in found}


def test_a_domain_with_its_records_is_well() -> None:
    assert {check: state for check, (state, _) in mail(SPF).items()} == {"spf": "ok", "dmarc": "ok", "dkim": "note"}


def test_what_is_missing_is_told_with_the_record_to_add() -> None:
    found = mail({"college.edu": ["google-site-verification=x"]})
    assert found["spf"][0] == found["dmarc"][0] == "fix"
    assert "Add a TXT record at _dmarc.college.edu, like “v=DMARC1; p=none”." in found["dmarc"][1]


def test_without_a_name_server_nothing_is_said_to_be_missing() -> None:
    assert mail(None)["spf"] == ("note", "Not checked: no DNS.")
    assert mail(SPF, sender="localhost") == {}


def looked(world: World) -> dict[str, Finding]:
    def read(query):  # type: ignore[no-untyped-def]
        with world.reading() as rx:
            return query(rx)

    house = House(world.runtime, read, lambda: None, world.now)
    return {finding.check: finding for finding in doctor.findings(house, relay=False)}


def test_work_that_is_late_is_named(world: World) -> None:
    with world.writing() as tx:
        beating.beat(tx, "here:1", world.now, now=world.now)
    assert looked(world)["schedule"].state == "ok"
    with world.writing() as tx:
        tx.execute(sa.insert(JobBeat).values(name="lapse", next_at=world.now - timedelta(minutes=20)))
    late = looked(world)["schedule"]
    assert (late.state, late.words) == ("fix", "Late: lapse. Run `flask --app app tick` and read what it says.")


def test_an_old_backup_is_told(world: World) -> None:
    assert looked(world)["backup"].state == "note"
    for _ in range(2):
        with world.writing() as tx:
            installing.backed_up(tx, now=world.now)
    assert looked(world)["backup"].state == "ok"
    world.later(days=8)
    assert "Run `flask --app app backup FILE`." in looked(world)["backup"].words
