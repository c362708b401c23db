import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { useSession } from "../../session";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel, When } from "../../shell/Page";
import { EventList, type Events } from "./EventList";
import classes from "./Person.module.css";
import { HandOver } from "./Inviting";
import { States, type Person } from "./PeoplePage";
import { To, useGo } from "../../shell/To";

interface Session {
  readonly sid: string;
  readonly browser: string;
  readonly ip: string;
  readonly seen_at: string;
}

export default function PersonPage() {
  const { t } = useLingui();
  const { login = "" } = useParams({ strict: false }) as { login?: string };
  const me = useSession();
  const go = useGo();
  const [removes, setRemoves] = useState(false);
  const [password, setPassword] = useState("");
  const at = `/a/keycell/admin/users/${encodeURIComponent(login)}`;
  const person = useQuery({ queryKey: ["people", login], queryFn: ({ signal }) => api.get<Person>(at, { signal }) });
  const sessions = useQuery({ queryKey: ["people", login, "sessions"], queryFn: ({ signal }) => api.get<{ items: Session[] }>(`${at}/sessions`, { signal }) });
  const events = useQuery({ queryKey: ["people", login, "events"], queryFn: ({ signal }) => api.get<Events>(`/a/keycell/admin/audit?${new URLSearchParams({ who: login, most: "15" })}`, { signal }) });
  const turn = useDoing((how: "enable" | "disable") => api.post(`${at}/${how}`), ["people"]);
  const signOut = useDoing(() => api.delete(`${at}/sessions`), ["people"], t`Signed out everywhere.`);
  const give = useDoing((text: string) => api.put(`${at}/password`, { password: text }), ["people"], t`The password is set.`);
  const link = useDoing(() => api.post<Parameters<typeof HandOver>[0]["handed"]>(`${at}/link`), ["people"]);
  const makeAdmin = useDoing((is_admin: boolean) => api.put(at, { is_admin }), ["people"]);
  const keep = useDoing(() => api.post(`${at}/keep`), ["people"], t`The account stays.`);
  const remove = useDoing(() => api.delete(at), ["people", "overview"], t`The account is removed.`);
  return (
    <Page title={<bdi>{person.data?.name || login}</bdi>} about={<To to="/admin/people"><Trans>All people</Trans></To>}>
      <Asked of={person}>
        {(data) => (
          <Panel title={<Trans>Account</Trans>}>
            <dl className={classes.facts}>
              <dt><Trans>Login</Trans></dt><dd><bdi>{data.login}</bdi></dd>
              <dt><Trans>Mail address</Trans></dt><dd><bdi>{data.email ?? "—"}</bdi></dd>
              <dt><Trans>Group</Trans></dt><dd><bdi>{data.group}</bdi></dd>
              <dt><Trans>State</Trans></dt><dd><States person={data} /></dd>
            </dl>
            {data.leaves_at && (
              <Group><Text><Trans>Asked to be removed: gone for good <When at={data.leaves_at} /></Trans></Text><Button variant="default" onClick={() => keep.mutate(undefined)}><Trans>Keep the account</Trans></Button></Group>
            )}
            {data.sub !== me.sub && (
              <Group>
                <Button variant="default" onClick={() => turn.mutate(data.is_disabled ? "enable" : "disable")}>{data.is_disabled ? t`Enable` : t`Disable`}</Button>
                <Button variant="default" onClick={() => makeAdmin.mutate(!data.is_admin)}>{data.is_admin ? t`No administrator any more` : t`Make an administrator`}</Button>
                <Button color="red" variant="light" onClick={() => setRemoves(true)}><Trans>Remove</Trans></Button>
              </Group>
            )}
            <form onSubmit={(event) => { event.preventDefault(); give.mutate(password, { onSuccess: () => setPassword("") }); }}>
              <Group align="flex-end">
                <PasswordInput label={t`New password`} autoComplete="new-password" w="18rem" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
                <Button type="submit" variant="default" disabled={password.length < 8}><Trans>Set the password</Trans></Button>
                <Button variant="default" disabled={data.is_disabled} onClick={() => link.mutate(undefined)}><Trans>One-time link</Trans></Button>
              </Group>
            </form>
            {link.data && <HandOver handed={link.data} />}
          </Panel>
        )}
      </Asked>
      <Panel title={<Trans>Browsers signed in</Trans>}>
        <Asked of={sessions}>
          {(data) => data.items.length === 0 ? <Nothing><Trans>None.</Trans></Nothing> : (
            <Stack>
              <Stack component="ul" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
                {data.items.map((one) => (
                  <li key={one.sid}><Text><bdi>{one.browser}</bdi></Text><Text size="sm" c="dimmed"><bdi>{one.ip}</bdi> · <Trans>last seen</Trans> <When at={one.seen_at} /></Text></li>
                ))}
              </Stack>
              <Group><Button variant="default" onClick={() => signOut.mutate(undefined)}><Trans>Sign out everywhere</Trans></Button></Group>
            </Stack>
          )}
        </Asked>
      </Panel>
      <Panel title={<Trans>What happened lately</Trans>}><Asked of={events}>{(data) => <EventList events={data.items} />}</Asked></Panel>
      <Confirm opened={removes} title={t`Remove the account?`} action={t`Remove`} typed={login} onClose={() => setRemoves(false)}
        onYes={() => remove.mutate(undefined, { onSuccess: () => go("/admin/people") })}>
        <Trans>Sessions, tokens and public links end at once. Files of their own are kept for administrators for a while, then deleted.</Trans>
      </Confirm>
    </Page>
  );
}
