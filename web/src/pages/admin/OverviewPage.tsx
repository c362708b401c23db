import { Button, Card, Group, Progress, SimpleGrid, Stack, Table, Text, ThemeIcon } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconCheck, IconCircleDashed } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { count, day, size } from "../../format";
import { Asked, Nothing, Page, Panel, When, Wide } from "../../shell/Page";
import { useAction } from "./actions";
import classes from "./Overview.module.css";
import person from "./Person.module.css";
import { To } from "../../shell/To";

interface Day {
  readonly day: string;
  readonly sign_ins: number;
  readonly failures: number;
}
interface Overview {
  readonly days: readonly Day[];
  readonly last_day: { readonly sign_ins: number; readonly failures: number };
  /** People who signed in within these days. */
  readonly active: number;
  readonly failures: readonly { action: string; result: string; count: number }[];
  readonly applications: readonly { client_id: string; label: string; count: number }[];
  readonly accounts: number;
  readonly sessions: number;
  readonly clients: number;
  readonly files: number;
  readonly bytes: number;
  readonly letters: number;
  readonly jobs: number;
  readonly logouts: number;
  readonly keys_change_at: string | null;
  readonly certificate_ends_at: string | null;
  readonly version: string;
}
interface Check {
  readonly check: string;
  readonly state: "done" | "todo" | "bad";
  readonly detail: string;
}

export default function OverviewPage() {
  const { t } = useLingui();
  const actionOf = useAction();
  const found = useQuery({ queryKey: ["overview"], queryFn: ({ signal }) => api.get<Overview>("/a/keycell/admin/overview?days=30", { signal }) });
  return (
    <Page title={<Trans>Overview</Trans>} actions={<Button renderRoot={(props) => <To to="/admin/new-application" {...props} />}><Trans>Connect an application</Trans></Button>}>
      <Checklist />
      <Asked of={found}>
        {(data) => (
          <>
            <SimpleGrid cols={{ base: 2, md: 4 }}>
              <Figure label={t`Sign-ins in 24 hours`} value={count(data.last_day.sign_ins)} to="/admin/audit" search={{ action: "session.started", period: "24h" }} />
              <Figure label={t`Refused in 24 hours`} value={count(data.last_day.failures)} to="/admin/audit" search={{ action: "session.refused", period: "24h" }} />
              <Figure label={t`Active people in 30 days`} value={count(data.active)} to="/admin/audit" search={{ action: "session.started", period: "30d" }} />
              <Figure label={t`Browsers signed in`} value={count(data.sessions)} to="/admin/audit" search={{ action: "session" }} />
              <Figure label={t`People`} value={count(data.accounts)} to="/admin/people" />
              <Figure label={t`Applications`} value={count(data.clients)} to="/admin/applications" />
              <Figure label={t`Stored`} value={size(data.bytes)} to="/admin/health" />
              <Figure label={t`Waiting`} value={count(data.letters + data.jobs + data.logouts)} to="/admin/health"
                about={t`Letters: ${count(data.letters)} · Jobs: ${count(data.jobs)} · Sign-outs to tell: ${count(data.logouts)}`} />
            </SimpleGrid>
            <Panel title={<Trans>Sign-ins in 30 days</Trans>}><Chart days={data.days} /></Panel>
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Panel title={<Trans>Most used applications</Trans>}>
                {data.applications.length === 0 && <Nothing><Trans>Nobody signed in to an application yet.</Trans></Nothing>}
                {data.applications.map((one) => (
                  <Group key={one.client_id} justify="space-between" wrap="nowrap">
                    <To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.label}</bdi></To>
                    <To to="/admin/audit" search={{ action: "grant.started", client_id: one.client_id, period: "30d" }} aria-label={t`Sign-ins to ${one.label}: ${count(one.count)}`}>{count(one.count)}</To>
                  </Group>
                ))}
              </Panel>
              <Panel title={<Trans>What failed</Trans>}>
                {data.failures.length === 0 && <Nothing><Trans>Nothing.</Trans></Nothing>}
                {data.failures.map((one) => (
                  <Group key={one.action + one.result} justify="space-between" wrap="nowrap">
                    <To to="/admin/audit" search={{ action: one.action, result: one.result, period: "30d" }}>{actionOf(one.action)}</To>
                    <Text>{count(one.count)}</Text>
                  </Group>
                ))}
              </Panel>
            </SimpleGrid>
            <Panel title={<Trans>What comes next</Trans>}>
              <dl className={person.facts}>
                <dt><Trans>The signing keys change</Trans></dt><dd><To to="/admin/keys"><When at={data.keys_change_at} /></To></dd>
                <dt><Trans>The certificate ends</Trans></dt>
                <dd>{data.certificate_ends_at ? <To to="/admin/health"><When at={data.certificate_ends_at} /></To> : <Trans>none of our own: a proxy in front has it, if any</Trans>}</dd>
                <dt><Trans>Version</Trans></dt><dd><To to="/admin/health"><bdi>{data.version}</bdi></To></dd>
              </dl>
            </Panel>
          </>
        )}
      </Asked>
    </Page>
  );
}

/** A number, which leads to what it counts. */
function Figure({ label, value, about, ...leads }: { label: string; value: string; about?: string; to: string; search?: Readonly<Record<string, string>> }) {
  return (
    <Card className={`k-card ${classes.figure}`} padding="lg" component="section">
      <Text size="sm" c="dimmed">{label}</Text>
      <Text fz="1.6rem" fw={650} lh={1.2} component="div"><To {...leads} className={classes.number} aria-label={`${label}: ${value}`}>{value}</To></Text>
      {about && <Text size="xs" c="dimmed">{about}</Text>}
    </Card>
  );
}

/** Bars, and the same as a table for whoever wants numbers or cannot see bars. */
function Chart({ days }: { days: readonly Day[] }) {
  const { t } = useLingui();
  const [isTable, setIsTable] = useState(false);
  const most = Math.max(1, ...days.map((one) => one.sign_ins + one.failures));
  const width = 100 / days.length;
  const total = days.reduce((sum, one) => sum + one.sign_ins, 0);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Group gap="md">
          <Text size="sm" className={classes.good}><Trans>signed in</Trans></Text>
          <Text size="sm" className={classes.bad}><Trans>refused</Trans></Text>
        </Group>
        <Button size="compact-sm" variant="default" onClick={() => setIsTable(!isTable)}>{isTable ? t`As a chart` : t`As a table`}</Button>
      </Group>
      {isTable ? (
        <Wide>
          <Table>
            <Table.Thead><Table.Tr><Table.Th><Trans>Day</Trans></Table.Th><Table.Th><Trans>Signed in</Trans></Table.Th><Table.Th><Trans>Refused</Trans></Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {days.map((one) => (
                <Table.Tr key={one.day}><Table.Td>{day(Date.parse(one.day) / 1000)}</Table.Td><Table.Td><Counted of={one} action="session.started" value={one.sign_ins} /></Table.Td><Table.Td><Counted of={one} action="session.refused" value={one.failures} /></Table.Td></Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      ) : (
        <>
          <svg className={classes.chart} viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={t`${total} sign-ins in ${days.length} days`}>
            {days.map((one, index) => {
              const good = (one.sign_ins / most) * 38;
              const bad = (one.failures / most) * 38;
              return (
                <g key={one.day}>
                  <rect className={classes.rest} x={index * width + width * 0.15} width={width * 0.7} y={39.4} height={0.6} />
                  <rect className={classes.goodBar} x={index * width + width * 0.15} width={width * 0.7} y={40 - good} height={good} />
                  <rect className={classes.badBar} x={index * width + width * 0.15} width={width * 0.7} y={40 - good - bad} height={bad} />
                </g>
              );
            })}
          </svg>
          <Group justify="space-between">
            <Text size="xs" c="dimmed">{day(Date.parse(days[0]?.day ?? "") / 1000)}</Text>
            <Text size="xs" c="dimmed"><Trans>at most {most} a day</Trans></Text>
            <Text size="xs" c="dimmed"><Trans>today</Trans></Text>
          </Group>
        </>
      )}
    </Stack>
  );
}

/** What happened on a day, in the trail. */
function Counted({ of, action, value }: { of: Day; action: string; value: number }) {
  return value === 0 ? count(0) : <To to="/admin/audit" search={{ action, period: "days", from: of.day, to: of.day }}>{count(value)}</To>;
}

function Checklist() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["checklist"], queryFn: ({ signal }) => api.get<{ items: Check[] }>("/a/keycell/admin/checklist", { signal }) });
  const words: Record<string, { done: string; todo: string; to?: string }> = {
    issuer: { done: t`People reach the server at its public address`, todo: t`You came by another address than the public one: set KEYCELL_PUBLIC_URL or --also-at` },
    tls: { done: t`What people send is protected on its way`, todo: t`Passwords travel without protection: use https` },
    proxy: { done: t`The server sees where people come from`, todo: t`A proxy is in front and is not believed: set KEYCELL_TRUSTED_PROXIES` },
    mail: { done: t`Mail goes out`, todo: t`Set a mail server: KEYCELL_SMTP` },
    client: { done: t`An application is connected`, todo: t`Connect the first application`, to: "/admin/new-application" },
    backup: { done: t`A backup was made`, todo: t`Make a backup: keycell admin backup` },
    administrators: { done: t`More than one administrator can get in`, todo: t`Make a second administrator, so that nobody is locked out`, to: "/admin/people" },
  };
  if (found.error) return null;
  const items = found.data?.items ?? [];
  const done = items.filter((one) => one.state === "done").length;
  if (found.data && done === items.length) return null;
  return (
    <Panel title={<Trans>To begin with</Trans>}>
      <Asked of={found}>
        {() => (
          <>
            <Progress className={classes.done} value={(100 * done) / Math.max(1, items.length)} aria-label={t`${done} of ${items.length} are done`} />
            <Stack component="ul" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {items.map((one) => (
                <Group key={one.check} component="li" wrap="nowrap">
                  <ThemeIcon radius="xl" variant="light" role="img" aria-label={one.state === "done" ? t`done` : t`to do`}
                    color={one.state === "done" ? "green" : one.state === "bad" ? "red" : "gray"}>
                    {one.state === "done" ? <IconCheck size={16} /> : one.state === "bad" ? <IconAlertTriangle size={16} /> : <IconCircleDashed size={16} />}
                  </ThemeIcon>
                  <Text c={one.state === "done" ? "dimmed" : undefined}>
                    {one.state !== "done" && words[one.check]?.to ? <To to={words[one.check]?.to ?? ""}>{words[one.check]?.todo}</To>
                      : one.state === "done" ? words[one.check]?.done : words[one.check]?.todo}
                  </Text>
                </Group>
              ))}
            </Stack>
          </>
        )}
      </Asked>
    </Panel>
  );
}
