/** How much an application is used: what whoever ends it is to know before. */
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { When } from "../../shell/Page";

export interface Use {
  readonly people: number;
  /** Sign-ins whose tokens are good. */
  readonly grants: number;
  readonly used_at: string | null;
  readonly misdirected: number;
}

export function Impact({ of }: { of: Use }) {
  const { t } = useLingui();
  return (
    <>
      {t`${plural(of.people, { one: "# person uses it", other: "# people use it" })}`} · {t`${plural(of.grants, { one: "# sign-in has tokens that are good", other: "# sign-ins have tokens that are good" })}`} ·{" "}
      {of.used_at === null ? <Trans>not used of late</Trans> : <><Trans>last used</Trans> <When at={of.used_at} /></>}
    </>
  );
}
