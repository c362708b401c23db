"""The trail: everything that is written has its sentence, and every sentence is written."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import keycell
from keycell.accounts.audit import MACHINE, SYSTEM, AuditEvent
from keycell.accounts.audit_sentences import OWN, SENTENCES, called, own_sentence, sentence
from keycell.catalogs import LANGUAGES, load_translations

SOURCE = Path(keycell.__file__).parent
ACTION = re.compile(r'"([a-z-]+\.[a-z_-]+)"')
FIELD = re.compile(r"%\((\w+)\)s")
NO_EVENT = {"account.json", "node.made", "node.trashed", "version.written"}
"""What looks like the name of an event, and is a file's; or is told of one, and kept nowhere."""


def written() -> set[str]:
    """Every action that is named anywhere but where it is told."""
    kinds = {action.partition(".")[0] for action in SENTENCES}
    return {
        found
        for path in SOURCE.rglob("*.py")
        if path.name != "audit_sentences.py"
        for found in ACTION.findall(path.read_text())
        if found.partition(".")[0] in kinds
    } - NO_EVENT


def event(action: str, actor: str = "ann", target: str = "bob") -> AuditEvent:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return AuditEvent(at=at, actor=actor, action=action, target=target, client_id="Wiki")


def test_every_action_there_is_is_told() -> None:
    """UX-P08, UX-X41: what nothing writes is a promise not kept, what is not told is a code."""
    assert set(SENTENCES) == written()
    assert set(OWN) == set(SENTENCES)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_action_is_told_in_every_language(language: str) -> None:
    words = load_translations(language)
    for action in SENTENCES:
        for template, say in ((SENTENCES[action], sentence), (OWN[action], own_sentence)):
            told = say(event(action), words.gettext)
            fields = set(FIELD.findall(template.template))
            assert fields <= {"actor", "target", "client_id"}, action
            # Who did it is told beside it: the person, or somebody they need not know.
            assert say is sentence or "actor" not in fields, action
            names = {"actor": "ann", "target": "bob", "client_id": "Wiki"}
            assert all(names[one] in told for one in fields), told
            assert "%(" not in told
            if language != "en":
                assert told != say(event(action)), action


def test_who_is_no_account_is_told_in_the_readers_language_too() -> None:
    words = load_translations("fr").gettext
    assert sentence(event("backup.made", SYSTEM), words) == "Le système a fait une sauvegarde"
    assert sentence(event("backup.made", MACHINE)).startswith("An administrator on the machine ")


def test_what_has_no_name_is_left_out() -> None:
    words = load_translations("ar").gettext
    for say in (own_sentence, lambda one: own_sentence(one, words)):
        assert say(event("account.removed", target=""))[-1].isalpha()


def test_what_an_identifier_stands_for_is_told_by_what_people_call_it() -> None:
    """UX-X41."""
    made = replace(event("link.added"), detail={"label": "Holiday", "path": "files/Holiday"})
    assert called(made) == "Holiday"
    assert own_sentence(replace(made, target=called(made))) == "Public link made: Holiday"
    assert called(replace(made, action="node.deleted")) == "files/Holiday"
    assert called(replace(made, action="account.added")) == called(event("link.added")) == ""


def test_a_rule_for_all_is_told_in_the_readers_language() -> None:
    """UX-X41: a group's path and a role's name are told as they are."""
    words = load_translations("de").gettext
    for action in ("factor.policy", "factor.policy-removed"):
        assert "alle" in sentence(event(action, target="everyone"), words)
        assert "everyone" not in sentence(event(action, target="everyone"), words)
        assert "/everyone" in sentence(event(action, target="/everyone"), words)


def test_what_a_later_version_wrote_is_told_by_its_name() -> None:
    assert sentence(event("moon.landed")) == own_sentence(event("moon.landed")) == "moon.landed"
