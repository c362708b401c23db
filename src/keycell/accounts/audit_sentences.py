"""What the trail tells of each event, for whoever reads it to have it in their language.

The trail itself keeps events, which know no language: a sentence is made where one is read.
"""

from collections.abc import Mapping
from dataclasses import replace

from keycell.accounts.audit import MACHINE, SYSTEM, AuditEvent
from keycell.oauth.sentences import Sentence, Words, in_english, phrase

SENTENCES: Mapping[str, Sentence] = {
    "access.refused": phrase("%(actor)s may not use %(client_id)s, and was told so"),
    "access-key.made": phrase("%(actor)s made the access key %(target)s"),
    "access-key.renewed": phrase("%(actor)s renewed the access key %(target)s"),
    "access-key.revoked": phrase("%(actor)s ended the access key %(target)s"),
    "account.added": phrase("%(actor)s added the account %(target)s"),
    "account.changed": phrase("%(actor)s changed the account %(target)s"),
    "account.disabled": phrase("%(actor)s disabled the account %(target)s"),
    "account.enabled": phrase("%(actor)s enabled the account %(target)s"),
    "account.exported": phrase("%(actor)s took a list of people as a file"),
    "account.frozen": phrase(
        "%(target)s said it was not them: all is ended, the account is frozen"
    ),
    "account.invited": phrase("%(actor)s accepted an invitation as %(target)s"),
    "account.kept": phrase("%(actor)s kept the account %(target)s, which was to be removed"),
    "account.leaving": phrase("%(actor)s asked to remove the account %(target)s after a while"),
    "account.password": phrase("%(actor)s set the password of %(target)s"),
    "account.removed": phrase("%(actor)s removed the account %(target)s"),
    "address.asked": phrase("%(actor)s asked to confirm a mail address of %(target)s"),
    "address.confirmed": phrase("%(actor)s confirmed a mail address of %(target)s"),
    "address.undone": phrase("%(actor)s undid a change of the mail address of %(target)s"),
    "alert.backup": phrase("Alert: the latest backup is too old"),
    "alert.certificate": phrase("Alert: the certificate of the server ends soon"),
    "alert.changed": phrase("%(actor)s changed when an alert is raised: %(target)s"),
    "alert.factor": phrase(
        "Alert: %(actor)s took away a second factor of the administrator %(target)s"
    ),
    "alert.guessing": phrase("Alert: many sign-ins as %(target)s are refused"),
    "alert.letters": phrase("Alert: letters do not leave"),
    "alert.network": phrase(
        "Alert: the administrator %(target)s signed in from a network that was not seen of them"
    ),
    "alert.office": phrase("Alert: %(actor)s made %(target)s an administrator"),
    "alert.refusals": phrase("Alert: many sign-ins are refused"),
    "alert.tested": phrase("%(actor)s tested an alert: %(target)s"),
    "alert.undelivered": phrase("Alert: something was given up that could not be delivered"),
    "assertion.taken": phrase("%(client_id)s showed an assertion of %(target)s"),
    "backchannel.asked": phrase("The client %(client_id)s asked %(target)s for permission"),
    "backchannel.denied": phrase("%(actor)s denied %(client_id)s what it asked"),
    "backup.made": phrase("%(actor)s made a backup"),
    "backup.restored": phrase("%(actor)s restored a backup"),
    "branding.published": phrase("%(actor)s published how the pages look"),
    "branding.undone": phrase("%(actor)s brought back how the pages looked before"),
    "browser.allowed": phrase("%(actor)s allowed a browser to be signed in, on another device"),
    "browser.denied": phrase("%(actor)s denied a browser to be signed in, on another device"),
    "browser.mistyped": phrase("%(actor)s typed a number that the waiting browser does not show"),
    "client.added": phrase("%(actor)s registered the client %(target)s"),
    "client.changed": phrase("%(actor)s changed the client %(target)s"),
    "client.test-over": phrase("The test mode of %(target)s ended"),
    "client.exported": phrase("%(actor)s took a list of applications as a file"),
    "client.misdirected": phrase(
        "The client %(client_id)s sent somebody with a redirect URI that it did not register"
    ),
    "client.refused": phrase("The client %(client_id)s did not authenticate"),
    "client.removed": phrase("%(actor)s removed the client %(target)s"),
    "client.told_of_decision": phrase("The client %(client_id)s was told what %(target)s decided"),
    "client.told_of_logout": phrase(
        "The client %(client_id)s was told that a session of %(target)s ended"
    ),
    "client.token": phrase("The client %(client_id)s got a token of its own"),
    "token.exchanged": phrase("The client %(client_id)s exchanged a token of %(target)s"),
    "consent.denied": phrase("%(actor)s denied %(client_id)s what it asked"),
    "consent.given": phrase("%(actor)s allowed %(client_id)s what it asked"),
    "consent.revoked": phrase("%(actor)s took back what was allowed to %(client_id)s"),
    "device.denied": phrase("%(actor)s denied %(client_id)s to be signed in on another device"),
    "device.guessed": phrase("%(actor)s entered a device's code that is none"),
    "factor.added": phrase("%(actor)s added a second factor"),
    "factor.codes": phrase("%(actor)s made new recovery codes"),
    "factor.policy": phrase("%(actor)s set who must have a second factor: %(target)s"),
    "factor.policy-removed": phrase(
        "%(actor)s decided that these need no second factor any more: %(target)s"
    ),
    "factor.put-off": phrase("%(actor)s put off setting up a second factor"),
    "factor.refused": phrase("A second factor of %(actor)s was refused"),
    "factor.removed": phrase("%(actor)s removed a second factor"),
    "factor.renamed": phrase("%(actor)s renamed a second factor"),
    "factor.reset": phrase("%(actor)s removed every second factor of %(target)s"),
    "factor.used": phrase("%(actor)s proved a second factor"),
    "grant.exchanged": phrase("%(client_id)s exchanged a code of %(actor)s"),
    "grant.refreshed": phrase("%(client_id)s refreshed a grant of %(actor)s"),
    "grant.replayed": phrase("%(client_id)s presented a spent credential; its grant was ended"),
    "grant.revoked": phrase("%(actor)s ended the access of %(client_id)s"),
    "grant.started": phrase("%(actor)s signed in to %(client_id)s"),
    "group.added": phrase("%(actor)s added the group %(target)s"),
    "group.removed": phrase("%(actor)s removed the group %(target)s"),
    "hook.added": phrase("%(actor)s added the webhook %(target)s"),
    "hook.changed": phrase("%(actor)s changed the webhook %(target)s"),
    "hook.failed": phrase("The webhook %(target)s does not take what happens, and misses some"),
    "hook.removed": phrase("%(actor)s removed the webhook %(target)s"),
    "hook.renewed": phrase("%(actor)s renewed the secret of the webhook %(target)s"),
    "hook.replayed": phrase("%(actor)s sent something again to the webhook %(target)s"),
    "hook.tested": phrase("%(actor)s tested the webhook %(target)s"),
    "invitation.made": phrase("%(actor)s made an initial access token for client registration"),
    "invitation.wanted": phrase("%(target)s asks for a new invitation"),
    "invitation.withdrawn": phrase("%(actor)s withdrew the invitation of %(target)s"),
    "issuer.removed": phrase("%(actor)s trusts the issuer %(target)s no longer"),
    "issuer.trusted": phrase("%(actor)s trusts the issuer %(target)s"),
    "key.revoked": phrase("%(actor)s revoked the key %(target)s"),
    "key.rotated": phrase("%(actor)s rotated the key of %(target)s"),
    "link.added": phrase("%(actor)s made the public link %(target)s"),
    "link.changed": phrase("%(actor)s changed the public link %(target)s"),
    "link.edited": phrase("Something was changed by the public link %(target)s"),
    "link.removed": phrase("%(actor)s removed the public link %(target)s"),
    "link.used": phrase("Something was downloaded by the public link %(target)s"),
    "mail-code.mailed": phrase("A code to sign in was mailed to %(target)s"),
    "mail-code.used": phrase("%(actor)s signed in by a code that was mailed"),
    "mail.failed": phrase("A letter (%(target)s) could not be sent, and is given up"),
    "mail.tested": phrase("%(actor)s sent a test to %(target)s"),
    "namespace.changed": phrase("%(actor)s changed the kind of metadata %(target)s"),
    "namespace.removed": phrase("%(actor)s removed the kind of metadata %(target)s"),
    "node.deleted": phrase("%(actor)s deleted %(target)s for good"),
    "node.restored": phrase("%(actor)s put %(target)s back from somebody's recycle bin"),
    "person.invited": phrase("%(actor)s invited %(target)s"),
    "personal.kept": phrase(
        "%(actor)s has the personal access token %(target)s stand by their own word"
    ),
    "personal.made": phrase("%(actor)s made the personal access token %(target)s"),
    "personal.renewed": phrase("%(actor)s renewed the personal access token %(target)s"),
    "personal.revoked": phrase("%(actor)s ended the personal access token %(target)s"),
    "personal.used": phrase("%(target)s of %(actor)s was used for the first time"),
    "recovery.done": phrase("%(target)s set a new password by a link or code"),
    "recovery.link": phrase("%(actor)s made a one-time link for %(target)s"),
    "recovery.mailed": phrase("A link to set a new password was mailed to %(target)s"),
    "right.added": phrase("%(actor)s gave a right on %(target)s"),
    "right.removed": phrase("%(actor)s took a right on %(target)s away"),
    "role.changed": phrase("%(actor)s changed the role %(target)s"),
    "role.removed": phrase("%(actor)s removed the role %(target)s"),
    "session.ended": phrase("%(actor)s ended a browser session of %(target)s"),
    "session.refused": phrase("A sign-in was refused"),
    "session.started": phrase("%(actor)s signed in by a browser"),
    "setup.completed": phrase("The first administrator %(target)s was made"),
    "setup.refused": phrase("A wrong secret was entered to set this Keycell up"),
    "space.added": phrase("%(actor)s made the space %(target)s"),
    "space.changed": phrase("%(actor)s changed the space %(target)s"),
    "space.removed": phrase("%(actor)s removed the space %(target)s"),
    "token.ended": phrase("%(actor)s ended a token of %(client_id)s"),
    "token.revoked": phrase("%(client_id)s ended a token"),
    "trust.ended": phrase("%(actor)s ended the trust in a browser of %(target)s"),
    "trust.given": phrase("%(actor)s trusts a browser: no second factor is asked for there"),
    "trust.used": phrase("%(actor)s signed in without a second factor in a browser they trust"),
    "version.deleted": phrase("%(actor)s deleted an older version of %(target)s for good"),
    "version.named": phrase("%(actor)s gave a version of %(target)s a name"),
    "version.pinned": phrase("%(actor)s pinned a version of %(target)s"),
    "version.unnamed": phrase("%(actor)s took away the name of a version of %(target)s"),
    "version.unpinned": phrase("%(actor)s unpinned a version of %(target)s"),
}
"""Every action there is, as an administrator reads it."""

OWN: Mapping[str, Sentence] = {
    "access.refused": phrase("Refused: %(client_id)s may not be used"),
    "access-key.made": phrase("Access key made: %(target)s"),
    "access-key.renewed": phrase("Access key renewed: %(target)s"),
    "access-key.revoked": phrase("Access key ended: %(target)s"),
    "account.added": phrase("Account added: %(target)s"),
    "account.changed": phrase("Account changed: %(target)s"),
    "account.disabled": phrase("Account disabled: %(target)s"),
    "account.enabled": phrase("Account enabled: %(target)s"),
    "account.exported": phrase("A list of people taken as a file"),
    "account.frozen": phrase("“This was not me”: all was ended, the account was frozen"),
    "account.invited": phrase("Invitation accepted as %(target)s"),
    "account.kept": phrase("Removal called off: the account %(target)s stays"),
    "account.leaving": phrase("Removal asked for: the account %(target)s goes after a while"),
    "account.password": phrase("Password set: %(target)s"),
    "account.removed": phrase("Account removed: %(target)s"),
    "address.asked": phrase("Confirmation of a mail address asked for"),
    "address.confirmed": phrase("Mail address confirmed"),
    "address.undone": phrase("Change of the mail address undone"),
    "alert.backup": phrase("Alert: the latest backup is too old"),
    "alert.certificate": phrase("Alert: the certificate of the server ends soon"),
    "alert.changed": phrase("Alert changed: %(target)s"),
    "alert.factor": phrase("Administrators were told: a second factor of %(target)s went"),
    "alert.guessing": phrase("Administrators were told: many sign-ins as %(target)s are refused"),
    "alert.letters": phrase("Alert: letters do not leave"),
    "alert.network": phrase("Administrators were told: %(target)s signed in from a new network"),
    "alert.office": phrase("Administrators were told: %(target)s is one of them"),
    "alert.refusals": phrase("Alert: many sign-ins are refused"),
    "alert.tested": phrase("Alert tested: %(target)s"),
    "alert.undelivered": phrase("Alert: something was given up that could not be delivered"),
    "assertion.taken": phrase("%(client_id)s showed an assertion of you"),
    "backchannel.asked": phrase("%(client_id)s asked you for permission"),
    "backchannel.denied": phrase("What %(client_id)s asked was denied"),
    "backup.made": phrase("Backup made"),
    "backup.restored": phrase("Backup restored"),
    "branding.published": phrase("Looks of the pages published"),
    "branding.undone": phrase("Earlier looks of the pages brought back"),
    "browser.allowed": phrase("A browser was allowed to be signed in, on another device"),
    "browser.denied": phrase("A browser was denied to be signed in, on another device"),
    "browser.mistyped": phrase("A number was typed that the waiting browser does not show"),
    "client.added": phrase("Application registered: %(target)s"),
    "client.changed": phrase("Application changed: %(target)s"),
    "client.test-over": phrase("Test mode ended: %(target)s"),
    "client.exported": phrase("A list of applications taken as a file"),
    "client.misdirected": phrase(
        "%(client_id)s sent somebody with a redirect URI that it did not register"
    ),
    "client.refused": phrase("%(client_id)s did not authenticate"),
    "client.removed": phrase("Application removed: %(target)s"),
    "client.told_of_decision": phrase("%(client_id)s was told what you decided"),
    "client.told_of_logout": phrase("%(client_id)s was told that a session of yours ended"),
    "client.token": phrase("%(client_id)s got a token of its own"),
    "token.exchanged": phrase("%(client_id)s exchanged a token of yours"),
    "consent.denied": phrase("What %(client_id)s asked was denied"),
    "consent.given": phrase("What %(client_id)s asked was allowed"),
    "consent.revoked": phrase("What was allowed to %(client_id)s was taken back"),
    "device.denied": phrase("Sign-in of %(client_id)s on another device denied"),
    "device.guessed": phrase("A code for a device was entered that is none"),
    "factor.added": phrase("Second factor added"),
    "factor.codes": phrase("New recovery codes made"),
    "factor.policy": phrase("Who must have a second factor was set: %(target)s"),
    "factor.policy-removed": phrase("No second factor is needed any more: %(target)s"),
    "factor.put-off": phrase("Setting up a second factor put off"),
    "factor.refused": phrase("A second factor was refused"),
    "factor.removed": phrase("Second factor removed"),
    "factor.renamed": phrase("Second factor renamed"),
    "factor.reset": phrase("Every second factor removed: %(target)s"),
    "factor.used": phrase("Second factor proved"),
    "grant.exchanged": phrase("%(client_id)s got its first tokens"),
    "grant.refreshed": phrase("%(client_id)s got new tokens"),
    "grant.replayed": phrase("%(client_id)s presented a spent credential; its access was ended"),
    "grant.revoked": phrase("Access of %(client_id)s ended"),
    "grant.started": phrase("Signed in to %(client_id)s"),
    "group.added": phrase("Group added: %(target)s"),
    "group.removed": phrase("Group removed: %(target)s"),
    "hook.added": phrase("Webhook added: %(target)s"),
    "hook.changed": phrase("Webhook changed: %(target)s"),
    "hook.failed": phrase("A webhook does not take what happens: %(target)s"),
    "hook.removed": phrase("Webhook removed: %(target)s"),
    "hook.renewed": phrase("Secret of a webhook renewed: %(target)s"),
    "hook.replayed": phrase("Something sent again to a webhook: %(target)s"),
    "hook.tested": phrase("Webhook tested: %(target)s"),
    "invitation.made": phrase("Initial access token for registration made"),
    "invitation.wanted": phrase("%(target)s asks for a new invitation"),
    "invitation.withdrawn": phrase("Invitation withdrawn: %(target)s"),
    "issuer.removed": phrase("Issuer trusted no longer: %(target)s"),
    "issuer.trusted": phrase("Issuer trusted: %(target)s"),
    "key.revoked": phrase("Key revoked: %(target)s"),
    "key.rotated": phrase("Key of %(target)s rotated"),
    "link.added": phrase("Public link made: %(target)s"),
    "link.changed": phrase("Public link changed: %(target)s"),
    "link.edited": phrase("Something was changed by a public link: %(target)s"),
    "link.removed": phrase("Public link removed: %(target)s"),
    "link.used": phrase("Something was downloaded by a public link: %(target)s"),
    "mail-code.mailed": phrase("A code to sign in was mailed"),
    "mail-code.used": phrase("Signed in by a code that was mailed"),
    "mail.failed": phrase("A letter could not be sent"),
    "mail.tested": phrase("Test sent to %(target)s"),
    "namespace.changed": phrase("Kind of metadata changed: %(target)s"),
    "namespace.removed": phrase("Kind of metadata removed: %(target)s"),
    "node.deleted": phrase("Something was deleted for good: %(target)s"),
    "node.restored": phrase("Put back from a recycle bin: %(target)s"),
    "person.invited": phrase("%(target)s was invited"),
    "personal.kept": phrase("A personal access token goes on by your own word"),
    "personal.made": phrase("Personal access token made"),
    "personal.renewed": phrase("Personal access token renewed: %(target)s"),
    "personal.revoked": phrase("Personal access token ended"),
    "personal.used": phrase("A personal access token was used for the first time"),
    "recovery.done": phrase("New password set by a link or code"),
    "recovery.link": phrase("One-time link made for %(target)s"),
    "recovery.mailed": phrase("A link to set a new password was mailed"),
    "right.added": phrase("Access to a file or folder given: %(target)s"),
    "right.removed": phrase("Access to a file or folder taken away: %(target)s"),
    "role.changed": phrase("Role changed: %(target)s"),
    "role.removed": phrase("Role removed: %(target)s"),
    "session.ended": phrase("Signed out in a browser"),
    "session.refused": phrase("A sign-in was refused"),
    "session.started": phrase("Signed in to a browser"),
    "setup.completed": phrase("First administrator made: %(target)s"),
    "setup.refused": phrase("A wrong secret was entered to set this Keycell up"),
    "space.added": phrase("Space made: %(target)s"),
    "space.changed": phrase("Space changed: %(target)s"),
    "space.removed": phrase("Space removed: %(target)s"),
    "token.ended": phrase("A token of %(client_id)s was ended"),
    "token.revoked": phrase("%(client_id)s ended a token"),
    "trust.ended": phrase("Trust in a browser ended"),
    "trust.given": phrase("Browser trusted: no second factor is asked for there"),
    "trust.used": phrase("Signed in without a second factor in a browser that you trust"),
    "version.deleted": phrase("Older version of a file deleted for good: %(target)s"),
    "version.named": phrase("Version of a file named: %(target)s"),
    "version.pinned": phrase("Version of a file pinned: %(target)s"),
    "version.unnamed": phrase("Name of a file's version taken away: %(target)s"),
    "version.unpinned": phrase("Version of a file unpinned: %(target)s"),
}
"""The same as the person reads it whose event it is; who else did it is told beside it."""

_ACTORS: Mapping[str, Sentence] = {
    SYSTEM: phrase("The system"),
    MACHINE: phrase("An administrator on the machine"),
}
"""Who does something without being an account or a client."""


_EVERYONE = phrase("everyone")

_NAMED_BY: Mapping[str, str] = {
    "access-key": "label", "link": "label", "node": "path", "personal": "label",
    "right": "label", "version": "path",
}  # fmt: skip
"""Where events of a kind tell what their target was called, for its identifier says nothing."""


def called(event: AuditEvent) -> str:
    """Give what people called the target when it happened; empty where no event tells."""
    told = event.detail.get(_NAMED_BY.get(event.action.partition(".")[0], ""))
    return told if isinstance(told, str) else ""


def named_actor(actor: str, words: Words) -> str:
    """Give what people call who is neither an account nor a client; empty for all others."""
    told = _ACTORS.get(actor)
    return "" if told is None else told.told(words)


def sentence(event: AuditEvent, words: Words = in_english) -> str:
    """Say what happened, and who did it."""
    actor = _ACTORS.get(event.actor)
    told = event if actor is None else replace(event, actor=actor.told(words))
    return _told(SENTENCES, told, words)


def own_sentence(event: AuditEvent, words: Words = in_english) -> str:
    """Say what happened to the person whose event it is."""
    told = _told(OWN, event, words)
    # What has no name that a person knows is left out, and with it the colon before it.
    return told if event.target else told.rstrip(" :\u00a0\u2068\u2069")


def _told(among: Mapping[str, Sentence], event: AuditEvent, words: Words) -> str:
    template = among.get(event.action)
    # What a later version wrote is told by its name.
    if template is None:
        return event.action
    values = {"actor": event.actor, "target": _target(event, words), "client_id": event.client_id}
    return replace(template, values=values).told(words)


def _target(event: AuditEvent, words: Words) -> str:
    """Give what something was done to; whom a rule for all is about has no name of its own."""
    is_of_all = event.action.startswith("factor.policy") and event.target == "everyone"
    return _EVERYONE.told(words) if is_of_all else event.target
