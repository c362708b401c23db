/** What the kinds of events are called: the word before the point of their actions. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";

export const KINDS: Readonly<Record<string, MessageDescriptor>> = {
  session: msg`Signing in and out`,
  grant: msg`Applications' tokens`,
  consent: msg`Consents`,
  account: msg`Accounts`,
  factor: msg`Second factors`,
  client: msg`Applications`,
  access: msg`Who may use an application`,
  personal: msg`Access tokens`,
  "access-key": msg`Access keys`,
  token: msg`Tokens ended and exchanged`,
  device: msg`Codes of devices`,
  browser: msg`Browsers signed in elsewhere`,
  backchannel: msg`Questions of applications`,
  assertion: msg`Assertions of other issuers`,
  trust: msg`Trusted browsers`,
  recovery: msg`Recovery`,
  address: msg`Mail addresses`,
  person: msg`People invited`,
  invitation: msg`Invitations`,
  mail: msg`Mail`,
  key: msg`Signing keys`,
  issuer: msg`Trusted issuers`,
  link: msg`Public links`,
  space: msg`Spaces`,
  node: msg`Files and folders`,
  version: msg`Versions of files`,
  right: msg`Rights on files`,
  namespace: msg`Kinds of metadata`,
  group: msg`Groups`,
  role: msg`Roles`,
  backup: msg`Backups`,
  setup: msg`Setting up`,
};

/** What those actions are called that pages lead to by themselves. */
export const ACTIONS: Readonly<Record<string, MessageDescriptor>> = {
  "session.started": msg`Signed in to a browser`,
  "grant.started": msg`Signed in to an application`,
  "session.refused": msg`Wrong login or password`,
  "client.refused": msg`An application did not authenticate`,
  "client.misdirected": msg`A wrong redirect URI`,
  "access.refused": msg`Somebody may not use an application`,
  "consent.denied": msg`Somebody denied an application`,
  "device.guessed": msg`A device's code that is none`,
  "device.denied": msg`Somebody denied a device`,
  "backchannel.denied": msg`Somebody denied what was asked`,
  "factor.refused": msg`A wrong second factor`,
  "mail.failed": msg`A letter did not go out`,
};

/** Gives the words for a kind or an action; what has none is told as the trail calls it. */
export function useKind(): (value: string) => string {
  const { i18n } = useLingui();
  return (value) => {
    const words = KINDS[value] ?? ACTIONS[value];
    return words ? i18n._(words) : value;
  };
}
