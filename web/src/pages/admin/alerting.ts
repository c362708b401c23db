/** The rules of alerts, as the server has them and as people read them. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Event } from "./EventList";

export const ALERTS = "/a/keycell/admin/alerts";
/** Every administrator, also those to come. */
export const EVERY = "*";

export interface Rule {
  readonly rule: string;
  readonly is_on: boolean;
  readonly unit: "times" | "minutes" | "days" | "nothing";
  readonly most: number;
  readonly within: number | null;
  readonly quiet: number | null;
  readonly told: readonly string[];
  readonly raised_at: string | null;
  readonly raised: Event | null;
}
export interface Administrator {
  readonly login: string;
  readonly name: string;
  readonly is_reached: boolean;
}
export interface Found {
  readonly items: readonly Rule[];
  readonly administrators: readonly Administrator[];
  readonly is_mail_set: boolean;
  readonly webhooks: readonly string[];
}

export const RULES: Readonly<Record<string, { readonly title: MessageDescriptor; readonly about: MessageDescriptor; readonly most?: MessageDescriptor }>> = {
  refusals: { title: msg`Many sign-ins fail`, about: msg`Of the whole server: wrong passwords, and wrong second factors.`, most: msg`From so many failures` },
  guessing: { title: msg`Many sign-ins to one account fail`, about: msg`Somebody may be guessing. Logins that nobody has are left to the rule above.`, most: msg`From so many failures` },
  office: { title: msg`Somebody becomes an administrator`, about: msg`Each time the right is given, or a second factor of an administrator is taken away.` },
  network: { title: msg`An administrator signs in from a new network`, about: msg`From addresses that were not seen of this person before. Where on earth they are is not known here; who travels or uses a telephone has new ones often.` },
  undelivered: { title: msg`Something is given up`, about: msg`A letter, a webhook's event or a logout that could not be delivered.`, most: msg`From so many failures` },
  letters: { title: msg`Letters do not leave`, about: msg`The mail server takes none. This alert, too, waits with them: let a webhook be told.`, most: msg`When one waits for so many minutes` },
  certificate: { title: msg`The certificate ends soon`, about: msg`Where Keycell speaks https itself. That of a proxy is not seen from here.`, most: msg`When so many days are left` },
  backup: { title: msg`The latest backup is too old`, about: msg`One made by keycell admin backup; those of other programs are not seen from here.`, most: msg`When it is so many days old` },
};
