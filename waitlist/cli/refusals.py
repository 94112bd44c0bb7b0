"""Outcomes of verbs as sentences for whoever typed the command; each names the way out."""

from collections.abc import Callable
from typing import Any

from waitlist.addresses import BadAddress
from waitlist.archives import BadArchive
from waitlist.columns import BadColumn
from waitlist.domains import BadDomain
from waitlist.gates.gate import BadGate
from waitlist.sentences import SENTENCES
from waitlist.services import (
    advancing,
    appointing,
    braking,
    contradicting,
    experimenting,
    guarding,
    holding,
    importing,
    installing,
    inviting,
    keying,
    launching,
    moving,
    regrading,
    releasing,
    restoring,
    seating,
    shelving,
    spacing,
    staging,
    steering,
    windowing,
)
from waitlist.services.organising import BadTree
from waitlist.splits import BadSplit
from waitlist.tables import BadTable

Words = str | Callable[[Any], str]

OUTCOMES: dict[type[Exception], Words] = {
    installing.OtherPepper: "This database was made with another pepper file. "
    "Put that file back into the instance folder.",
    BadArchive: lambda outcome: f"{outcome} is no backup that this version can read. `backup` writes one.",
    braking.NotBraked: "There is no such stop to end. `launch show` says how it stands.",
    launching.WrongCondition: "The launch is like that already, or it was archived. `launch show` says how it stands.",
    launching.NobodyNew: "Nobody new could meet a rule over vouches: they begin once somebody is in line. "
    "Put it into a stage (`stage add`), or join it with another rule by any_of.",
    launching.NeedsProof: "These rules rest on a proven mailbox. Leave --no-confirm out.",
    launching.BadSlug: "A slug has lower-case letters, digits and hyphens, starts with a letter or digit, "
    "and is not `admin` or `new`.",
    launching.SlugTaken: lambda outcome: f"There is a launch {outcome} already. Choose another slug.",
    releasing.CutChanged: "People changed since that dry run. Preview again and release with the new digest.",
    releasing.NobodyFits: "Nobody fits this wave. `wave preview` says why each person is passed over.",
    releasing.LaunchHeld: "The launch is paused. `launch resume` it first.",
    releasing.StageHeld: "Its stage lets nobody new in. `stage list` says why; `stage resume` lets waves go on.",
    restoring.SeatsMissing: lambda outcome: f"Others have the seats by now: {outcome.n} more must be free first.",
    shelving.LaunchArchived: "The launch was archived: its data stays, and nobody gets anything from it any more.",
    seating.LaunchFull: "No seat is left. Raise the seats in the launch's settings, or release fewer.",
    advancing.OwnPlan: "Whoever planned a stage cannot approve it. Ask somebody else.",
    advancing.TooEarly: lambda outcome: f"The stage before is not through: {', '.join(outcome.missing)}.",
    contradicting.Contradiction: lambda outcome: _in_words(outcome.code, outcome.params),
    staging.NeedsApproval: "This stage starts when others approve it: `stage approve`.",
    windowing.EmptyWindow: "A window, or a blackout, must end after it begins, and not in the past.",
    windowing.NoBlackout: "There is no such blackout ahead. `plan show` lists them.",
    staging.StageTaken: lambda outcome: f"The launch has a stage {outcome} already. Choose another key.",
    staging.NoSuchStage: lambda outcome: f"There is no such stage {outcome}, or it is past that: `stage list` says.",
    steering.WrongState: lambda outcome: f"The wave is {outcome.state}: it is past the point where this is possible.",
    inviting.NotOpenAnyMore: "That invite has ended: it was used, revoked, declined or it expired. Create a new one.",
    appointing.EmailTaken: lambda outcome: f"{outcome} is an admin already. `reset-admin` gives them a new password.",
    experimenting.NoArms: "There are no arms to compare. `arms set` makes some.",
    experimenting.NoEnd: "Say when it ends before it starts: --people N, or --until with a moment ahead.",
    experimenting.AlreadyRunning: "An experiment runs here already, or one had this key. `experiment show` prints it.",
    experimenting.NotRunning: lambda outcome: f"No experiment {outcome} runs here. `experiment show` prints them.",
    experimenting.NoSuchArm: lambda outcome: f"There is no arm {outcome}. `arms show` prints them.",
    guarding.BadGuardrail: "A limit is a percentage above 0 and below 100, like 5 or 0.1.",
    holding.NobodyToHold: "There is nobody to hold: they are on hold already, or were removed.",
    holding.NotHeld: "There is no such hold, or it is over.",
    keying.BadOrigin: lambda outcome: f"{outcome} is not the origin of a site. Write it like https://shop.example.",
    keying.KeyGone: "There is no such key in this launch, or it was revoked before.",
    regrading.LastOwner: "This is the last owner. Make somebody else an owner first: `create-admin` or `team role`.",
    regrading.NotOnTeam: "They have no role there. `team list` names who has.",
    moving.NotInLine: "That person has no place in line, so there is none to move.",
    moving.CannotBeVip: "That person was removed. Restore them first.",
    spacing.NoRoom: "There is no room between those two places. Choose the place before or after.",
    BadAddress: lambda outcome: _in_words(outcome.code, outcome.params),
    BadDomain: lambda outcome: _in_words(outcome.code, outcome.params),
    BadTree: lambda outcome: _in_words(outcome.code, {"units": outcome.units}),
    BadSplit: lambda outcome: _in_words(outcome.code, {"name": outcome.name}),
    BadTable: lambda outcome: _in_words(outcome.code, outcome.params),
    BadColumn: lambda outcome: f"There is no column {outcome.name}. There are: {', '.join(outcome.known) or 'none'}.",
    importing.WrongImportState: lambda outcome: f"The import is {outcome.state}: this is not possible any more.",
    BadGate: lambda outcome: f"The rules cannot be read at {outcome.path}: {SENTENCES[outcome.code]}.",
}


def sentence_for(outcome: Exception) -> str | None:
    """What to tell the person, or None for what is no refusal but a fault."""
    for kind in type(outcome).__mro__:
        words = OUTCOMES.get(kind)
        if words is not None:
            return words if isinstance(words, str) else words(outcome)
    return None


def _in_words(code: str, params: dict[str, Any]) -> str:
    return str(SENTENCES[code]) % params
