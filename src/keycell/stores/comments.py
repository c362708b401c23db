"""Comments on files and folders, in SQL."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select

from keycell.files.comments import Comment
from keycell.files.errors import Conflict
from keycell.oauth.sentences import phrase
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.holders import hold_person
from keycell.stores.node_writes import check_standing, lock_of
from keycell.stores.schema import seen_ids
from keycell.stores.schema_files import comments

_OF_NODE = Statement(
    select(comments)
    .where(comments.c.node_id == bindparam("b_node_id"))
    .order_by(comments.c.said_at)
    .limit(bindparam("b_most"))
)
_OF_PERSON = Statement(
    select(comments)
    .where(comments.c.said_by == bindparam("b_by"))
    .order_by(comments.c.said_at.desc())
    .limit(bindparam("b_most"))
)
_OF_ID = Statement(select(comments).where(comments.c.comment_id == bindparam("b_comment_id")))
# Apart from the comments themselves: who takes theirs back had letters written all the same.
_WRITTEN = Statement(
    select(seen_ids.c.key)
    .where(
        seen_ids.c.key >= bindparam("b_from"), seen_ids.c.key < bindparam("b_to"),
        seen_ids.c.purge_at > bindparam("b_now"),
    )
    .limit(bindparam("b_most"))
)  # fmt: skip
_NOTE = Statement(insert(seen_ids))
_ADD = Statement(insert(comments))
_REMOVE = Statement(delete(comments).where(comments.c.comment_id == bindparam("b_comment_id")))


class SqlCommentStore:
    """What is said of nodes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_node(self, node_id: str, most: int) -> Sequence[Comment]:
        """List the comments on a node, the oldest first."""
        params = {"b_node_id": node_id, "b_most": most}
        return [_comment_of(row) for row in await self._database.read_many(_OF_NODE, params)]

    async def of_person(self, sub: str, most: int) -> Sequence[Comment]:
        """List what somebody said, the latest first."""
        params = {"b_by": sub, "b_most": most}
        return [_comment_of(row) for row in await self._database.read_many(_OF_PERSON, params)]

    async def find(self, comment_id: str) -> Comment | None:
        """Find a comment."""
        row = await first(self._database, _OF_ID, {"b_comment_id": comment_id})
        return None if row is None else _comment_of(row)

    async def add(
        self, comment: Comment, most: int, *, within: timedelta, most_within: int
    ) -> None:
        """Keep a new comment.

        Raises NotFound if its person or its node is gone, Conflict if there are too many: on the
        node, or of the person within some time, with those that they took back.
        """
        of_node = {"b_node_id": comment.node_id, "b_most": most}
        written = f"comment {comment.said_by}"
        of_person = {
            "b_from": f"{written} ", "b_to": f"{written}!", "b_now": micros(comment.said_at),
            "b_most": most_within,
        }  # fmt: skip
        noted = {
            "key": f"{written} {comment.comment_id}", "purge_at": micros(comment.said_at + within),
        }  # fmt: skip

        def verb() -> Verb[None]:
            # Of many said at once, none is one too many.
            yield from hold_person(comment.said_by)
            yield from lock_of(comment.node_id)
            yield from check_standing(comment.node_id)
            if len((yield _OF_NODE, of_node).rows) >= most:
                raise Conflict(phrase("there are %(most)s comments on it already", most=most))
            if len((yield _WRITTEN, of_person).rows) >= most_within:
                raise Conflict(
                    phrase("you wrote %(most)s comments within the hour; wait", most=most_within)
                )
            yield _ADD, _row_of(comment)
            yield _NOTE, noted

        await self._database.write(verb)

    async def remove(self, comment_id: str) -> None:
        """Forget a comment, if it is there."""

        def verb() -> Verb[None]:
            yield _REMOVE, {"b_comment_id": comment_id}

        await self._database.write(verb)


def _row_of(comment: Comment) -> dict[str, object]:
    return {
        "comment_id": comment.comment_id,
        "node_id": comment.node_id,
        "said": comment.said,
        "said_by": comment.said_by,
        "said_at": micros(comment.said_at),
    }


def _comment_of(row: Row) -> Comment:
    return Comment(
        comment_id=row.comment_id,
        node_id=row.node_id,
        said=row.said,
        said_by=row.said_by,
        said_at=moment(row.said_at),
    )
