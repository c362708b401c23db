/** What those actions of the trail are called that pages lead to by themselves. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";

const ACTIONS: Readonly<Record<string, MessageDescriptor>> = {
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

/** Gives the words for an action; what has none is told as the trail calls it. */
export function useAction(): (action: string) => string {
  const { i18n } = useLingui();
  return (action) => (ACTIONS[action] ? i18n._(ACTIONS[action]) : action);
}
