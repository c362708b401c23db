"""Which flows a module is tried in: basic, implicit and hybrid, and each of them by form post."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest

from .application import Application, register
from .provider import Provider
from .robot import Answer, Robot, Shown


@dataclass(frozen=True)
class Plan:
    """A response type, and how its answer comes."""

    response_type: str
    mode: str

    @property
    def comes_by_the_browser(self) -> bool:
        """An ID token comes from the authorization endpoint."""
        return "id_token" in self.response_type.split()

    def __str__(self) -> str:
        return f"{self.response_type} by {self.mode}"


BASIC = [Plan("code", "query"), Plan("code", "form_post")]
IMPLICIT = [Plan(kind, mode) for mode in ("fragment", "form_post")
            for kind in ("id_token", "id_token token")]  # fmt: skip
HYBRID = [Plan(kind, mode) for mode in ("fragment", "form_post")
          for kind in ("code id_token", "code token", "code id_token token")]  # fmt: skip


def tried_in(*plans: list[Plan]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("plan", list(chain(*plans)), ids=str)


@dataclass(frozen=True)
class Sitting:
    """An application that is examined in a plan."""

    plan: Plan
    robot: Robot
    application: Application

    def ask(self, **changed: Any) -> Answer | Shown:  # noqa: ANN401
        """Ask as the plan says; an answer comes as it says, too."""
        if self.plan.mode == "form_post":
            changed = {"response_mode": "form_post"} | changed
        found = self.application.ask(self.robot, self.plan.response_type, **changed)
        if isinstance(found, Answer):
            assert found.mode == self.plan.mode
        return found

    def answered(self, **changed: Any) -> Answer:  # noqa: ANN401
        if self.plan.mode == "form_post":
            changed = {"response_mode": "form_post"} | changed
        found = self.application.answered(self.robot, self.plan.response_type, **changed)
        assert found.mode == self.plan.mode
        assert set(self.plan.response_type.split()) == {
            {"access_token": "token"}.get(name, name)
            for name in found.params.keys() & {"code", "id_token", "access_token"}
        }
        return found

    def claims(self, answer: Answer, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Give the claims of the ID token that the answer brings or leads to."""
        return self.application.id_token(answer, self.plan.response_type, **more)

    def told(self, answer: Answer, *, claims: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Give what is told of the person, wherever this response type has it told."""
        if self.plan.response_type == "id_token":
            # OIDCC-5.4: without an access token, there is no other place. PROTOCOL-A18.
            return self.claims(answer, more=claims)
        if "code" in answer.params:
            given = self.application.tokens(answer)
            return self.application.userinfo(given["access_token"])
        self.claims(answer)
        return self.application.userinfo(answer.params["access_token"])


_applications: dict[tuple[str, str], Application] = {}


def sitting(plan: Plan, provider: Provider, robot: Robot, name: str = "") -> Sitting:
    """Give an application of the plan's, the same for every module that needs no other."""
    kinds = plan.response_type.split()
    key = (plan.response_type, name)
    if key not in _applications:
        grants = ["authorization_code", "refresh_token"] if "code" in kinds else []
        implicit = ["implicit"] if set(kinds) - {"code"} else []
        _applications[key] = register(
            provider, response_types=[plan.response_type], grant_types=grants + implicit
        )
    return Sitting(plan, robot, _applications[key])
