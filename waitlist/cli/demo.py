"""`seed-demo`: a made-up launch of six weeks, built by the same verbs as a real one, to look around in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import click

from waitlist import applying, branding, clock
from waitlist.actors import COMMAND, person
from waitlist.addresses import canon
from waitlist.branding import Branding
from waitlist.cli.cast import DOMAIN, Cast
from waitlist.cli.printing import print_one, progress
from waitlist.cli.shape import AS_JSON, change, keys, read, top
from waitlist.db import Tx
from waitlist.incoming import Incoming
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import INTEREST, MAIN, Launch
from waitlist.models.upkeep import ImportRun
from waitlist.models.wave import Wave
from waitlist.queries import demo as rows
from waitlist.queries import launches
from waitlist.runtime import runtime
from waitlist.services import (
    confirming,
    declining,
    delivering,
    denying,
    drafting,
    entering,
    holding,
    importing,
    inviting,
    joining,
    lapsing,
    launching,
    leaving,
    moving,
    planning,
    redeeming,
    releasing,
    removing,
    settling,
)
from waitlist.services.admitting import Newcomer
from waitlist.services.gathering import Audience
from waitlist.services.inviting import Order

R = TypeVar("R")
PEOPLE = 2_000
STEPS = 11


@top.command("seed-demo")
@click.option("--people", type=click.IntRange(200, 100_000), default=PEOPLE, show_default=True, help="How many.")
@AS_JSON
def seed_demo(people: int, as_json: bool) -> None:
    """Fill an empty database with a made-up launch: people, friends, waves, and every state one can be in."""
    if runtime().settings.smtp_url is not None:
        raise click.ClickException("A relay is set, and these people do not exist. Unset WAITLIST_SMTP_URL first.")
    if read(lambda rx: launches.all_launches(rx, archived=True)):
        raise click.ClickException("There are launches already; seed-demo only fills an empty database.")
    demo = _Demo(people, clock.now())
    with progress("Making people up", STEPS) as bar:
        for done, step in enumerate(demo.steps, 1):
            step()
            bar.reached(done)
    found = read(lambda rx: launches.summary(rx, demo.launch, clock.now()))
    url = f"{runtime().settings.base_url}/w/{demo.launch.slug}"
    print_one({"slug": demo.launch.slug, "url": url, "people": found.people}, as_json)


class _Demo:
    """The six weeks in order; `days(n)` is n days ago."""

    def __init__(self, people: int, now: datetime) -> None:
        self.people = people
        self.now = now
        self.cast = Cast(people)
        self.steps: tuple[Callable[[], None], ...] = (
            *(self.open, self.arrive_first, self.first_wave, self.arrive_later, self.second_wave),
            *(self.arrive_last, self.later_waves, self.members, self.comings, self.goings, self.settle),
        )
        self.launch: Launch
        self.line: list[Incoming]

    def days(self, ago: float) -> datetime:
        return self.now - timedelta(days=ago)

    def open(self) -> None:
        columns = {
            "seats": self.people * 3 // 10,
            "product_url": "https://product.example.org/welcome",
            "contact_email": f"team@{DOMAIN}",
            "headline": "The harbour opens on Mondays",
            "pitch": "A quiet place to row, **a wave at a time**. Bring a friend and move up.",
            "show_count": True,
            "listed": True,
        }
        wish = planning.Wish("harbour", "Harbour", domains=[DOMAIN], opens_at=self.days(42), columns=columns)
        plan = planning.plan(wish)
        self.launch = change(lambda tx: launching.create(tx, plan, actor=COMMAND, now=self.days(42)))
        branding.remember(runtime().settings.instance, Branding("harbour", "Harbour", self.launch.contact_email))

    def arrive_first(self) -> None:
        """Whoever came before the first wave."""
        self.line = self.cast.people(self.launch, self.days, runtime().secrets.pepper)
        self._arrive(42, 21)

    def arrive_later(self) -> None:
        """Whoever came before the second one."""
        self._arrive(21, 3)

    def arrive_last(self) -> None:
        """Whoever came since."""
        self._arrive(3, 0)

    def _arrive(self, since: int, until: int) -> None:
        """Everybody of these days through an import each day, so that each confirmed on the day they came."""
        for day in range(since, until, -1):
            at = self.days(day - 1)
            people = [one for one in self.line if one.joined_at and self.days(day) < one.joined_at <= at]
            if people:
                self._enter(people, f"demo-{self.people}-{day}", at)

    def _enter(self, people: list[Incoming], name: str, at: datetime) -> None:
        upload, options = importing.Upload("demo", name), importing.Options(source="made up")
        run = change(lambda tx: importing.start(tx, self.launch, upload, options, actor=COMMAND, now=at))
        for start in range(0, len(people), 1_000):
            self._stage(run, people[start : start + 1_000])
        change(lambda tx: importing.settle(tx, run.id))
        change(lambda tx: importing.begin(tx, self.launch, run.id, actor=COMMAND, now=at))
        while change(lambda tx: entering.enter_chunk(tx, self.launch, run.id, actor=COMMAND, now=at)):
            pass

    def _stage(self, run: ImportRun, people: list[Incoming]) -> None:
        change(lambda tx: importing.stage(tx, run, people))

    def first_wave(self) -> None:
        """Three weeks ago: most came in, some declined, the others let it expire."""
        self._wave("Early birds", self.people * 8 // 100, self.days(21))
        invites = read(lambda rx: rows.open_invites(rx, self.launch.id))
        for n, invite in enumerate(invites):
            at = self.days(20 - n % 6)
            if n % 20 == 7:
                self._decline(invite, at)
            elif n % 3:
                self._redeem(invite.email or "", invite.id, at)
        while change(lambda tx: lapsing.lapse_due(tx, self.now, 500)):
            pass

    def second_wave(self) -> None:
        """Three days ago: a third came in so far."""
        self._wave("Second wave", self.people * 6 // 100, self.days(3))
        for n, invite in enumerate(read(lambda rx: rows.open_invites(rx, self.launch.id))):
            if n % 3 == 0:
                self._redeem(invite.email or "", invite.id, self.days(2))

    def later_waves(self) -> None:
        """One goes out next week, and one is only thought of."""
        self._wave("Third wave", self.people * 5 // 100, self.now, starts_at=self.now + timedelta(days=7))
        friends, offer, now = Audience("filter", min_friends=2), self._offer(), self.now
        change(lambda tx: drafting.draft(tx, self.launch, friends, offer, name="Friends first", actor=COMMAND, now=now))

    def members(self) -> None:
        """Members invite friends by address; every second one comes."""
        for n, member in enumerate(read(lambda rx: rows.members(rx, self.launch.id, self.people // 100))):
            email = f"{self.cast.newcomer(n)}@{DOMAIN}"
            order = Order(InviteSource.MEMBER, to=self._bound(email), inviter_id=member.id, note="Come row!")
            at = self.days(1.5)
            invite = self._issue(order, at)
            if n % 2:
                self._redeem(email, invite, at)
        self._issue(Order(InviteSource.ADMIN, uses=50, days=60), self.days(1))

    def comings(self) -> None:
        """People who have not confirmed yet, and people of elsewhere who want to be told."""
        for n in range(self.people // 40):
            self._join(f"{self.cast.newcomer(1_000 + n)}@{DOMAIN}", self.days(n / 40))
        for n in range(self.people // 80):
            self._join(f"{self.cast.newcomer(3_000 + n)}@elsewhere.example.org", self.days(n / 3), interested=True)

    def goings(self) -> None:
        """People who left, were removed, held or moved, and a domain that is not welcome."""
        chosen = read(lambda rx: rows.waiting(rx, self.launch.id, self.people // 40))
        for n, somebody in enumerate(chosen):
            self._go(n, somebody.id)
        denied = {"kind": "domain", "value": "spam.example.org", "shown": "spam.example.org"}
        change(
            lambda tx: denying.deny(
                tx, self.launch, **denied, reason="A flood of made-up people", until=None, actor=COMMAND, now=self.now
            )
        )

    def settle(self) -> None:
        """The mails of the past have left."""
        change(lambda tx: settling.as_sent(tx, before=self.days(0.5), now=self.now))

    def _go(self, n: int, entry_id: int) -> None:
        def verb(tx: Tx) -> None:
            launch, why, at = self.launch, "Part of the demo", self.days(0.2)
            match n % 5:
                case 0 | 1:
                    leaving.leave(tx, launch, entry_id, actor=COMMAND, now=at)
                case 2:
                    removing.remove(tx, launch, entry_id, reason=why, abuse=n % 10 == 2, actor=COMMAND, now=at)
                case 3:
                    holding.hold(tx, launch, entry_id, reason=why, subtree=n % 10 == 3, actor=COMMAND, now=at)
                case _:
                    moving.move(tx, launch, entry_id, to=n + 1, reason=why, actor=COMMAND, now=at)

        change(verb)

    def _decline(self, invite: Invite, at: datetime) -> None:
        change(lambda tx: declining.decline(tx, self.launch, invite, actor=COMMAND, now=at))

    def _offer(self) -> releasing.Offer:
        return releasing.Offer(days=7, allowance=3, lapse_policy="keep")

    def _wave(self, name: str, n: int, at: datetime, *, starts_at: datetime | None = None) -> None:
        terms = releasing.Terms(None, timedelta(0), name=name, starts_at=starts_at)
        audience = Audience("first", n=n)
        wave: Wave = change(
            lambda tx: releasing.confirm(tx, self.launch, audience, self._offer(), terms, actor=COMMAND, now=at)
        )
        if starts_at is None:
            change(lambda tx: releasing.start(tx, self.launch, wave.id, actor=COMMAND, now=at))
            while change(
                lambda tx: delivering.deliver_chunk(tx, self.launch, wave.id, keys=keys(), actor=COMMAND, now=at)
            ):
                pass

    def _join(self, email: str, at: datetime, *, interested: bool = False) -> None:
        hashed = applying.hashed(canon(email), salt=self.launch.salt, pepper=runtime().secrets.pepper)
        application = joining.Application(**hashed, language="en", line=INTEREST if interested else MAIN)

        def verb(tx: Tx) -> None:
            asked = joining.join(tx, self.launch, application, now=at)
            if interested:
                confirming.confirm(tx, self.launch, asked.attempt_id, actor=COMMAND, now=at)

        change(verb)

    def _bound(self, email: str) -> tuple[str, str, str]:
        hashed = applying.hashed(canon(email), salt=self.launch.salt, pepper=runtime().secrets.pepper)
        return hashed["email"], hashed["email_key"], hashed["abuse_key"]

    def _issue(self, order: Order, at: datetime) -> int:
        def verb(tx: Tx) -> int:
            invite = inviting.issue(tx, self.launch, order, keys=keys(), actor=COMMAND, now=at)
            if order.to is not None:
                inviting.send(tx, self.launch, invite, now=at)
            return invite.id

        return change(verb)

    def _redeem(self, email: str, invite_id: int, at: datetime) -> None:
        who = Newcomer(
            **applying.hashed(canon(email), salt=self.launch.salt, pepper=runtime().secrets.pepper), language="en"
        )

        def verb(tx: Tx) -> object:
            invite = rows.invite(tx, invite_id)
            return redeeming.redeem(tx, self.launch, invite, who, actor=person("demo"), now=at)

        change(verb)
