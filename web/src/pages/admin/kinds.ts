/** What the kinds of events are called: the word before the point of their actions. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useAction } from "./actions";

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
  alert: msg`Alerts`,
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

/** Gives the words for a kind or an action. */
export function useKind(): (value: string) => string {
  const { i18n } = useLingui();
  const actionOf = useAction();
  return (value) => (KINDS[value] ? i18n._(KINDS[value]) : actionOf(value));
}
