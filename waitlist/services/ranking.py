"""Ranking: who stands where. Every change of a key appends deltas; folding them keeps reads short."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx, insert
from waitlist.models.entry import FIRST_NUMBER, Counter, Entry, State, entry_number, in_line
from waitlist.models.launch import Line
from waitlist.models.rank import GAP_BITS, SHIFTS, Band, Board, RankCell, RankDelta, arrival_key, pack

FOLD_EVERY = 256  # unfolded deltas cost each reader about 0.06 us apiece


@dataclass(frozen=True)
class Change:
    """One step of a batch: somebody with this key and sequence comes (d=1) or goes (d=-1)."""

    rank_key: int
    sequence: int
    d: int


def next_number(tx: Tx) -> int:
    """The next number in the order of confirmation: never given twice, and holes are allowed."""
    if tx.dialect.name == "postgresql":
        number: int = tx.scalar(sa.select(entry_number.next_value())) or 0
        return number
    taken: int | None = tx.scalar(_TAKE_NUMBER)
    if taken is None:
        tx.execute(insert(tx, Counter).values(name="entry", value=FIRST_NUMBER).on_conflict_do_nothing())
        return FIRST_NUMBER
    return taken


def take_numbers(tx: Tx, n: int) -> list[int]:
    """The next `n` numbers in ascending order; on PostgreSQL others may have taken some between them."""
    if n == 0:
        return []
    if tx.dialect.name == "postgresql":
        return sorted(tx.scalars(_TAKE_MANY, {"n": n}))
    first = next_number(tx)
    tx.execute(_TAKE_BLOCK, {"n": n - 1})
    return list(range(first, first + n))


def take_front(tx: Tx, line_id: int, n: int) -> int:
    """The first of `n` numbers that stand before everybody who joined, and before every earlier front of this line."""
    name = f"front:{line_id}"
    tx.execute(insert(tx, Counter).values(name=name, value=FIRST_NUMBER).on_conflict_do_nothing())
    first: int = tx.execute(
        sa.update(Counter).where(Counter.name == name).values(value=Counter.value - n).returning(Counter.value)
    ).scalar_one()
    if first < 0:
        raise OverflowError("more people were imported to the front than the line has numbers for")
    return first


def key_for(*, score: int, sequence: int, vip: bool = False) -> int:
    """The key of somebody who was not moved by hand."""
    return pack(band=Band.VIP if vip else Band.LINE, score=score, sequence=sequence)


def came(tx: Tx, line_id: int, *, rank_key: int, sequence: int) -> None:
    """Somebody has entered the line at this key."""
    _append(tx, line_id, [(Board.PLACE, rank_key, 1), (Board.ARRIVAL, arrival_key(sequence), 1)])


def went(tx: Tx, line_id: int, *, rank_key: int, sequence: int) -> None:
    """Somebody who stood at this key is in line no longer."""
    _append(tx, line_id, [(Board.PLACE, rank_key, -1), (Board.ARRIVAL, arrival_key(sequence), -1)])


def shifted(tx: Tx, line_id: int, *, old: int, new: int) -> None:
    """Somebody in line has another key now."""
    _append(tx, line_id, [(Board.PLACE, old, -1), (Board.PLACE, new, 1)])


def came_and_went(tx: Tx, line_id: int, changes: Iterable[Change]) -> None:
    """A batch (a wave's chunk, a lapse, an import) writes cells itself: thousands of deltas would slow every reader."""
    take_fold_lock(tx, line_id)
    steps: list[tuple[int, int, int]] = []
    for change in changes:
        steps.append((Board.PLACE, change.rank_key, change.d))
        steps.append((Board.ARRIVAL, arrival_key(change.sequence), change.d))
    _add_to_cells(tx, line_id, steps)


def came_or_went(tx: Tx, launch_id: int, which: sa.ColumnElement[bool], d: int) -> None:
    """Everybody waiting in a launch who meets `which` comes (d=1) or goes (d=-1), counted by the database itself.

    For batches of any size: nobody is read. The caller has changed, or changes, what takes them in or out.
    """
    lines = tx.scalars(sa.select(Line.id).where(Line.launch_id == launch_id, Line.ranked).order_by(Line.id))
    for line_id in lines.all():
        take_fold_lock(tx, line_id)
    there = (Entry.launch_id == launch_id, Entry.state == State.WAITING, Entry.rank_key.is_not(None), which)
    arrival = Entry.sequence.op("<<")(sa.literal_column(str(GAP_BITS))).self_group()
    for board, key in ((Board.PLACE, Entry.rank_key), (Board.ARRIVAL, arrival)):
        for level, shift in enumerate(SHIFTS):
            block = key.op(">>")(sa.literal_column(str(shift))).label("block")
            counted = sa.select(
                Entry.line_id, sa.literal(int(board)), sa.literal(level), block, d * sa.func.count()
            ).where(*there)
            statement = insert(tx, RankCell).from_select(
                ["line_id", "board", "level", "block", "n"], counted.group_by(Entry.line_id, sa.text("block"))
            )
            tx.execute(
                statement.on_conflict_do_update(
                    index_elements=["line_id", "board", "level", "block"],
                    set_={"n": RankCell.n + statement.excluded.n},
                )
            )


def fold(tx: Tx, line_id: int) -> int:
    """Move the line's deltas into its cells and return how many; 0 when somebody else is folding.

    A crash loses nothing: the deltas and the cells change in one transaction.
    """
    if not _try_fold_lock(tx, line_id):
        return 0
    taken = tx.execute(_TAKE_DELTAS, {"of_line": line_id}).all()
    _add_to_cells(tx, line_id, [(row.board, row.key, row.d) for row in taken])
    return len(taken)


def lines_to_fold(tx: Tx) -> list[int]:
    """The lines that have deltas."""
    return list(tx.scalars(sa.select(RankDelta.line_id).distinct()))


def free_key(tx: Tx, line_id: int, wanted: int) -> int:
    """`wanted`, or the next key after it that nobody in line has; it stays free until the transaction ends."""
    take_fold_lock(tx, line_id)  # whoever else looks for a free key waits
    key = wanted
    while tx.scalar(sa.select(Entry.id).where(Entry.line_id == line_id, Entry.rank_key == key, in_line)) is not None:
        key += 1
    return key


def recount(tx: Tx, line_id: int) -> int:
    """Rebuild the line's cells from its entries and return how many cells and places were wrong (must be 0)."""
    take_fold_lock(tx, line_id)
    if tx.dialect.name == "postgresql":
        # Whoever has changed the line but not committed yet finishes first; nobody else starts.
        tx.execute(sa.text("LOCK TABLE rank_delta IN SHARE ROW EXCLUSIVE MODE"))
    pending = [(row.board, row.key, row.d) for row in tx.execute(_TAKE_DELTAS, {"of_line": line_id})]
    _add_to_cells(tx, line_id, pending)
    held = {
        (row.board, row.level, row.block): row.n
        for row in tx.execute(
            sa.select(RankCell.board, RankCell.level, RankCell.block, RankCell.n).where(
                RankCell.line_id == line_id, RankCell.n != 0
            )
        )
    }
    people = tx.execute(sa.select(Entry.rank_key, Entry.sequence).where(Entry.line_id == line_id, in_line))
    true: dict[tuple[int, int, int], int] = defaultdict(int)
    for rank_key, sequence in people:
        _count(true, Board.PLACE, rank_key or 0, 1)  # who is in line has both
        _count(true, Board.ARRIVAL, arrival_key(sequence or 0), 1)
    wrong = {cell for cell in held.keys() | true.keys() if held.get(cell, 0) != true.get(cell, 0)}
    if wrong:
        tx.execute(sa.delete(RankCell).where(RankCell.line_id == line_id))
        _upsert(tx, line_id, true)
    return len(wrong)


def take_fold_lock(tx: Tx, line_id: int) -> None:
    """Wait for the line's fold lock; it ends with the transaction. The last lock in the lock order."""
    if tx.dialect.name == "postgresql":
        tx.execute(_WAIT_LOCK, {"lock": line_id})


def _try_fold_lock(tx: Tx, line_id: int) -> bool:
    # On SQLite the write transaction is the lock.
    return tx.dialect.name != "postgresql" or bool(tx.scalar(_TRY_LOCK, {"lock": line_id}))


def _append(tx: Tx, line_id: int, steps: list[tuple[int, int, int]]) -> None:
    ids = [
        tx.execute(_APPEND, {"line_id": line_id, "board": board, "key": key, "d": d}).scalar_one()
        for board, key, d in steps
    ]
    if any(delta_id % FOLD_EVERY == 0 for delta_id in ids):
        fold(tx, line_id)  # keeps reads short even where no worker runs


def _add_to_cells(tx: Tx, line_id: int, steps: Iterable[tuple[int, int, int]]) -> None:
    cells: dict[tuple[int, int, int], int] = defaultdict(int)
    for board, key, d in steps:
        _count(cells, board, key, d)
    _upsert(tx, line_id, {cell: d for cell, d in cells.items() if d})


def _count(cells: dict[tuple[int, int, int], int], board: int, key: int, d: int) -> None:
    for level, shift in enumerate(SHIFTS):
        cells[board, level, key >> shift] += d


def _upsert(tx: Tx, line_id: int, cells: dict[tuple[int, int, int], int]) -> None:
    if not cells:
        return
    statement = insert(tx, RankCell)
    statement = statement.on_conflict_do_update(
        index_elements=["line_id", "board", "level", "block"], set_={"n": RankCell.n + statement.excluded.n}
    )
    tx.execute(
        statement,
        [
            {"line_id": line_id, "board": board, "level": level, "block": block, "n": d}
            for (board, level, block), d in sorted(cells.items())
        ],
    )


_TAKE_NUMBER = (
    sa.update(Counter).where(Counter.name == "entry").values(value=Counter.value + 1).returning(Counter.value)
)
_TAKE_BLOCK = (
    sa.update(Counter)
    .where(Counter.name == "entry")
    .values(value=Counter.value + sa.bindparam("n"))
    .returning(Counter.value)
)
_TAKE_MANY = sa.text("SELECT nextval('entry_number') FROM generate_series(1, :n)")
_TAKE_DELTAS = (
    sa.delete(RankDelta)
    .where(RankDelta.line_id == sa.bindparam("of_line"))
    .returning(RankDelta.board, RankDelta.key, RankDelta.d)
)
_APPEND = sa.insert(RankDelta).returning(RankDelta.id)
_TRY_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(7201, CAST(:lock AS integer))")
_WAIT_LOCK = sa.text("SELECT pg_advisory_xact_lock(7201, CAST(:lock AS integer))")
