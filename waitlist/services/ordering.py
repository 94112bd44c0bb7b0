"""Ordering: who of an imported file enters before whom, and which number in line each of them gets."""

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.upkeep import ImportRow
from waitlist.services import ranking


def sort(tx: Tx, run_id: int) -> None:
    """Put referrers before their friends by the rows' depth, and report the rows that form a circle."""
    tx.execute(_SORT, {"run": run_id})
    if tx.scalar(sa.select(ImportRow.row_no).where(*_unsorted(run_id)).limit(1)) is not None:
        _break_circles(tx, run_id)
        tx.execute(_SORT, {"run": run_id})


def number(tx: Tx, run_id: int, *, n: int, front_of: int | None) -> None:
    """Number the `n` staged rows in the file's order: next in line, or before all of the line `front_of`."""
    if front_of is not None:
        tx.execute(_NUMBER_FROM, {"run": run_id, "base": ranking.take_front(tx, front_of, n)})
    elif tx.dialect.name == "postgresql":
        tx.execute(_NUMBER_FROM_SEQUENCE, {"run": run_id})
    elif n:
        tx.execute(_NUMBER_FROM, {"run": run_id, "base": ranking.take_numbers(tx, n)[0]})


def _unsorted(run_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return ImportRow.run_id == run_id, ImportRow.outcome == "staged", ImportRow.depth == -1


def _break_circles(tx: Tx, run_id: int) -> None:
    """Report the rows that refer to each other in a circle: nobody can say who of them came first."""
    rows = tx.execute(
        sa.select(ImportRow.row_no, ImportRow.email_key, ImportRow.referrer_key).where(*_unsorted(run_id))
    )
    left = {key: (number, referrer) for number, key, referrer in rows}
    friends = dict.fromkeys(left, 0)
    for _, referrer in left.values():
        friends[referrer] += 1  # a referrer of an unsorted row is unsorted itself
    leaves = [key for key, n in friends.items() if n == 0]
    while leaves:  # whoever has no friend left to wait for is below a circle, not on it
        _, referrer = left.pop(leaves.pop())
        friends[referrer] -= 1
        if friends[referrer] == 0:
            leaves.append(referrer)
    numbers = [number for number, _ in left.values()]
    for start_at in range(0, len(numbers), 500):
        tx.execute(
            sa.update(ImportRow)
            .where(ImportRow.run_id == run_id, ImportRow.row_no.in_(numbers[start_at : start_at + 500]))
            .values(outcome="problem", reason="row_circle")
        )


# Each row one deeper than the row of its referrer; only rows with a referrer wait for it. Those in circles stay at -1.
_SORT = sa.text(
    """
    WITH RECURSIVE tree (row_no, email_key, depth) AS (
        SELECT r.row_no, r.email_key, 0 FROM import_row r
        WHERE r.run_id = :run AND r.outcome = 'staged' AND (r.referrer_key IS NULL OR NOT EXISTS (
            SELECT 1 FROM import_row p
            WHERE p.run_id = :run AND p.email_key = r.referrer_key AND p.outcome = 'staged'))
        UNION ALL
        SELECT c.row_no, c.email_key, t.depth + 1 FROM tree t
        JOIN import_row c ON c.run_id = :run AND c.referrer_key = t.email_key AND c.outcome = 'staged'
    )
    UPDATE import_row SET depth = tree.depth FROM tree
    WHERE import_row.run_id = :run AND import_row.row_no = tree.row_no AND import_row.depth <> tree.depth
    """
)
_NUMBER_FROM = sa.text(
    """
    UPDATE import_row SET sequence = :base + n.k FROM (
        SELECT row_no, row_number() OVER (ORDER BY order_no IS NULL, order_no, row_no) - 1 AS k
        FROM import_row WHERE run_id = :run AND outcome = 'staged') n
    WHERE import_row.run_id = :run AND import_row.row_no = n.row_no
    """
)
# Materialized: a plan that looks at the numbers once for each row would draw new ones each time.
_NUMBER_FROM_SEQUENCE = sa.text(
    """
    WITH n AS MATERIALIZED (
        SELECT row_no, nextval('entry_number') AS number FROM (
            SELECT row_no FROM import_row WHERE run_id = :run AND outcome = 'staged'
            ORDER BY order_no IS NULL, order_no, row_no) ordered)
    UPDATE import_row SET sequence = n.number FROM n
    WHERE import_row.run_id = :run AND import_row.row_no = n.row_no
    """
)
