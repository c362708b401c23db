import { Alert, Button, Group, SimpleGrid, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Options } from "../../api";
import { count, size } from "../../format";
import { useSession } from "../../session";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel, When } from "../../shell/Page";
import { To, useGo } from "../../shell/To";
import { Because, type Grave } from "./Because";
import { EventList } from "./EventList";
import { HandOver } from "./Inviting";
import { States } from "./PeoplePage";
import classes from "./Person.module.css";
import { Applications, Factors, Sessions, Tokens } from "./PersonParts";
import { Membership, Password } from "./PersonForms";
import { Why } from "./PersonWhy";
import { addressOf, type Whole } from "./whole";

/** All of one person, by one request. */
export default function PersonPage() {
  const { login = "" } = useParams({ strict: false }) as { login?: string };
  const found = useQuery({ queryKey: ["people", login, "whole"], queryFn: ({ signal }) => api.get<Whole>(`${addressOf(login)}/whole`, { signal }) });
  return (
    <Page title={<bdi>{found.data?.account.name || login}</bdi>} about={<To to="/admin/people"><Trans>All people</Trans></To>}>
      <Asked of={found}>{(data) => <Shown key={data.account.sub} of={data} />}</Asked>
    </Page>
  );
}

function Shown({ of }: { of: Whole }) {
  const [grave, ask] = useState<Grave | null>(null);
  const { login } = of.account;
  return (
    <>
      <Account of={of} ask={ask} />
      <div className={classes.parts}>
        <Factors login={login} of={of.factors} ask={ask} isOwn={useSession().sub === of.account.sub} />
        <Membership of={of} />
        <Sessions login={login} of={of.sessions} />
        <Applications login={login} of={of.applications} />
        <Tokens login={login} of={of.tokens} />
        {of.storage && <Storage of={of.storage} />}
        <Why login={login} />
      </div>
      <Panel title={<Trans>What happened lately</Trans>}>
        <EventList events={of.events} />
        <Group><To to="/admin/audit" search={{ who: login }}><Trans>The whole trail</Trans></To></Group>
      </Panel>
      <Because of={grave} onClose={() => ask(null)} />
    </>
  );
}

/** Who it is, what state the account is in, and what changes that. */
function Account({ of, ask }: { of: Whole; ask: (grave: Grave) => void }) {
  const { t } = useLingui();
  const go = useGo();
  const { account } = of;
  const { login } = account;
  const at = addressOf(login);
  const isOwn = useSession().sub === account.sub;
  const turn = useDoing(({ how, options }: { how: "enable" | "disable"; options: Options }) => api.post(`${at}/${how}`, {}, options), ["people", "overview"]);
  const makeAdmin = useDoing(({ is_admin, options }: { is_admin: boolean; options: Options }) => api.put(at, { is_admin }, options), ["people", "checklist"]);
  const keep = useDoing(() => api.post(`${at}/keep`), ["people"], t`The account stays.`);
  const link = useDoing((options: Options) => api.post<Parameters<typeof HandOver>[0]["handed"]>(`${at}/link`, {}, options), ["people"]);
  const remove = useDoing((options: Options) => api.delete(at, options), ["people", "overview"], t`The account is removed.`);
  const acts: Record<string, Grave> = {
    disable: { title: t`Disable the account?`, action: t`Disable`, warning: t`They are signed out at once, and cannot sign in until they are enabled again.`, run: (options) => turn.mutate({ how: "disable", options }) },
    admin: account.is_admin
      ? { title: t`No administrator any more?`, action: t`Take the office`, warning: t`They keep their account, and administer nothing from now on.`, run: (options) => makeAdmin.mutate({ is_admin: false, options }) }
      : { title: t`Make an administrator?`, action: t`Make an administrator`, warning: t`They may do everything that you may: every account, application and setting.`, run: (options) => makeAdmin.mutate({ is_admin: true, options }) },
    link: { title: t`Make a one-time link?`, action: t`Make the link`, warning: t`Whoever has it sets a new password for this account. It is good for a short time and once.`, run: (options) => link.mutate(options) },
    remove: {
      title: t`Remove the account?`, action: t`Remove`, typed: login, warning: <Impact of={of} />,
      run: (options) => remove.mutate(options, { onSuccess: () => go("/admin/people") }),
    },
  };
  const button = (name: string, label: string) => <Button variant="default" onClick={() => acts[name] && ask(acts[name])}>{label}</Button>;
  return (
    <Panel>
      <dl className={classes.facts}>
        <dt><Trans>State</Trans></dt><dd><States person={account} /></dd>
        <dt><Trans>Login</Trans></dt><dd><bdi>{login}</bdi></dd>
        <dt><Trans>Mail address</Trans></dt>
        <dd><bdi>{account.email ?? "—"}</bdi>{account.email && <Text span size="sm" c="dimmed"> · {account.email_verified ? <Trans>confirmed</Trans> : <Trans>not confirmed</Trans>}</Text>}</dd>
        <dt><Trans>Since</Trans></dt><dd><When at={account.created_at} /></dd>
        <dt><Trans>Identifier</Trans></dt><dd><bdi>{account.sub}</bdi></dd>
      </dl>
      {account.leaves_at && (
        <Alert color="orange"><Group><Text><Trans>Asked to be removed: gone for good <When at={account.leaves_at} /></Trans></Text><Button variant="default" onClick={() => keep.mutate(undefined)}><Trans>Keep the account</Trans></Button></Group></Alert>
      )}
      <Group>
        {!isOwn && (account.is_disabled ? <Button variant="default" onClick={() => turn.mutate({ how: "enable", options: {} })}><Trans>Enable</Trans></Button> : button("disable", t`Disable`))}
        {!account.is_disabled && button("link", t`One-time link`)}
        {!isOwn && account.test_of === null && button("admin", account.is_admin ? t`No administrator any more` : t`Make an administrator`)}
        <Password login={login} />
        {!isOwn && <Button color="red" variant="light" onClick={() => acts.remove && ask(acts.remove)}><Trans>Remove</Trans></Button>}
      </Group>
      {link.data && <HandOver handed={link.data} />}
    </Panel>
  );
}

/** What goes with an account, counted. */
function Impact({ of }: { of: Whole }) {
  const { t } = useLingui();
  return (
    <>
      <Trans>Sessions, tokens and public links end at once. Files of their own are kept for administrators for a while, then deleted.</Trans>
      <ul className="k-points">
        <li>{t`${plural(of.sessions.length, { one: "# browser is signed in", other: "# browsers are signed in" })}`}</li>
        <li>{t`${plural(of.applications.length, { one: "# application acts for them", other: "# applications act for them" })}`}</li>
        <li>{t`${plural(of.tokens.length, { one: "# access token", other: "# access tokens" })}`}</li>
        {of.storage && <li><Trans>{size(of.storage.used)} of files</Trans></li>}
      </ul>
    </>
  );
}

function Storage({ of }: { of: NonNullable<Whole["storage"]> }) {
  return (
    <Panel title={<Trans>Storage</Trans>}>
      <SimpleGrid cols={2}>
        <div><Text size="sm" c="dimmed"><Trans>Used</Trans></Text><Text fw={600}>{size(of.used)}</Text></div>
        <div><Text size="sm" c="dimmed"><Trans>Bound</Trans></Text><Text fw={600}>{of.quota === null ? <Trans>none</Trans> : size(of.quota)}</Text></div>
        <div><Text size="sm" c="dimmed"><Trans>Files and folders</Trans></Text><Text fw={600}>{count(of.nodes)}</Text></div>
      </SimpleGrid>
    </Panel>
  );
}
