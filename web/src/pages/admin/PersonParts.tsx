/** What proves who somebody is, and what acts in their name: each with what ends it. */
import { Badge, Button, Group, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { api, type Options } from "../../api";
import { useDoing } from "../../shell/doing";
import { Nothing, Panel, When } from "../../shell/Page";
import { To } from "../../shell/To";
import { Because, type Grave } from "./Because";
import classes from "./Person.module.css";
import { SigningOut } from "./PersonSignOut";
import { addressOf, type Whole } from "./whole";

interface Of<T> {
  readonly login: string;
  readonly of: T;
}

function Row({ children, about, action }: { children: ReactNode; about: ReactNode; action?: ReactNode }) {
  return <li className={classes.row}><div className="k-most"><Text component="div">{children}</Text><Text size="sm" c="dimmed" component="div">{about}</Text></div>{action}</li>;
}

/** When it was last used, if ever. */
function Used({ at }: { at: string | null }) {
  return at === null ? <Trans>never used</Trans> : <><Trans>last used</Trans> <When at={at} /></>;
}

function End({ label, onEnd }: { label: string; onEnd: () => void }) {
  return <Button size="xs" variant="default" aria-label={label} onClick={onEnd}><Trans>End</Trans></Button>;
}

export function Factors({ login, of, isOwn, ask }: Of<Whole["factors"]> & { isOwn: boolean; ask: (grave: Grave) => void }) {
  const { t } = useLingui();
  const reset = useDoing((options: Options) => api.delete(`${addressOf(login)}/factors`, options), ["people"], t`Their second factors are gone.`);
  const grave: Grave = {
    title: t`Reset the second factors?`, action: t`Reset`, run: (options) => reset.mutate(options),
    warning: t`Every passkey, authenticator app and recovery code is removed. Their password alone opens the account then: make sure that it is they who ask.`,
  };
  return (
    <Panel title={<Trans>Second factors</Trans>}>
      {of.items.length === 0 ? <Nothing><Trans>None: a password alone opens the account.</Trans></Nothing> : (
        <>
          <ul className={classes.rows}>
            {of.items.map((one) => (
              <Row key={one.id} about={<>{one.kind === "passkey" ? <Trans>Passkey</Trans> : <Trans>Authenticator app</Trans>}{one.provider && <> · <bdi>{one.provider}</bdi></>}{one.kind === "passkey" && <> · {one.is_synced ? <Trans>synced</Trans> : <Trans>on one device</Trans>}</>} · <Used at={one.last_used_at} /></>}><bdi>{one.name}</bdi></Row>
            ))}
          </ul>
          <Text size="sm" c="dimmed">
            {t`${plural(of.recovery_codes_left, { one: "# recovery code is left", other: "# recovery codes are left" })}`} · {t`${plural(of.trusted_browsers, { one: "# trusted browser", other: "# trusted browsers" })}`}
          </Text>
          {!isOwn && <Group><Button variant="default" onClick={() => ask(grave)}><Trans>Reset the second factors</Trans></Button></Group>}
        </>
      )}
    </Panel>
  );
}

export function Sessions({ login, of }: Of<Whole["sessions"]>) {
  const { t } = useLingui();
  const at = `${addressOf(login)}/sessions`;
  const end = useDoing((sid: string) => api.delete(`${at}/${encodeURIComponent(sid)}`), ["people"], t`Signed out there.`);
  const [asks, setAsks] = useState(false);
  const [withGrants, setWithGrants] = useState(false);
  const endAll = useDoing((options: Options) => api.delete(`${at}?with_grants=${withGrants}`, options), ["people"], withGrants ? t`Signed out everywhere.` : t`Signed out of every browser.`);
  return (
    <Panel title={<Trans>Browsers signed in</Trans>}>
      {of.length === 0 ? <Nothing><Trans>None.</Trans></Nothing> : (
          <ul className={classes.rows}>
            {of.map((one) => (
              <Row key={one.sid} about={<><bdi>{one.ip}</bdi> · <Trans>last seen</Trans> <When at={one.seen_at} /></>} action={<End label={t`End: ${one.browser}`} onEnd={() => end.mutate(one.sid)} />}><bdi>{one.browser}</bdi></Row>
            ))}
          </ul>
      )}
      <Group><Button variant="default" onClick={() => setAsks(true)}><Trans>Sign out</Trans></Button></Group>
      <Because onClose={() => setAsks(false)} of={asks ? {
        title: t`Sign them out?`, action: t`Sign out`, run: (options) => endAll.mutate(options), warning: <SigningOut withGrants={withGrants} onChange={setWithGrants} />,
      } : null} />
    </Panel>
  );
}

export function Applications({ login, of }: Of<Whole["applications"]>) {
  const { t } = useLingui();
  const end = useDoing((id: string) => api.delete(`${addressOf(login)}/applications/${encodeURIComponent(id)}`), ["people"], t`It acts for them no longer.`);
  return (
    <Panel title={<Trans>Applications</Trans>}>
      {of.length === 0 ? <Nothing><Trans>None acts for them.</Trans></Nothing> : (
        <ul className={classes.rows}>
          {of.map((one) => (
            <Row key={one.client_id} about={<><bdi>{one.may.join(", ")}</bdi> · <Trans>last seen</Trans> <When at={one.seen_at} />{one.ends_at ? <> · <Trans>until</Trans> <When at={one.ends_at} /></> : null}</>} action={<End label={t`End: ${one.label}`} onEnd={() => end.mutate(one.client_id)} />}>
              <To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.label}</bdi></To> {one.is_first_party && <Badge variant="default" size="sm"><Trans>Keycell's own</Trans></Badge>}
              {" "}<To to={`/admin/applications/${encodeURIComponent(one.client_id)}`} search={{ of: login }} aria-label={t`What it is told: ${one.label}`}><Text span size="sm"><Trans>What it is told</Trans></Text></To>
            </Row>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function Tokens({ login, of }: Of<Whole["tokens"]>) {
  const { t } = useLingui();
  const end = useDoing((id: string) => api.delete(`${addressOf(login)}/tokens/${encodeURIComponent(id)}`), ["people"], t`The token opens nothing any more.`);
  return (
    <Panel title={<Trans>Access tokens</Trans>}>
      {of.length === 0 ? <Nothing><Trans>None.</Trans></Nothing> : (
        <ul className={classes.rows}>
          {of.map((one) => (
            <Row key={one.token_id} about={<><bdi>{one.may.join(", ")}</bdi> · <Trans>ends</Trans> <When at={one.expires_at} /> · <Used at={one.last_used_at} /></>} action={<End label={t`End: ${one.label}`} onEnd={() => end.mutate(one.token_id)} />}><bdi>{one.label}</bdi></Row>
          ))}
        </ul>
      )}
    </Panel>
  );
}
