"""An administrator sees what an application is told of somebody, and is never that somebody."""

from keycell.administration.calls import CALLS


def test_x06_no_call_opens_a_session_of_somebody_else() -> None:
    """UX-X06: all that begins something for a person; who adds to it has a banner to show."""
    about = {path.removeprefix("users/{login}/") for path, calls in CALLS.items()
             if path.startswith("users/{login}/") and "POST" in calls}  # fmt: skip
    assert about == {"disable", "enable", "keep", "link", "tokens", "tokens/{token_id}/keep"}
