import { Badge, Button, Group, Select, SimpleGrid, Stack, Table, Text, TextInput } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { dateOf, day, endOf } from "../../format";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel, Wide } from "../../shell/Page";
import { To } from "../../shell/To";

type Kind = "everyone" | "group" | "role";
interface Whom {
  readonly kind: Kind;
  readonly name: string;
}
interface Policy extends Whom {
  readonly due_at: string;
  readonly skips: number;
}
interface Found {
  readonly items: Policy[];
  readonly without_factor: number;
}
const AT = "/a/keycell/admin/factor-policies";
const A_FORTNIGHT = 14 * 86_400;
const MOST_SKIPS = 100;

/** Who must have a second factor, and from which day on. */
export default function FactorsPage() {
  const found = useQuery({ queryKey: ["factor-policies"], queryFn: ({ signal }) => api.get<Found>(AT, { signal }) });
  return (
    <Page title={<Trans>Second factors</Trans>} about={<Trans>A passkey or an authenticator app beside the password. Who must have one is led to set it up when they sign in.</Trans>}>
      <Panel title={<Trans>Who must have one</Trans>}>
        <Asked of={found}>{(data) => <><Without people={data.without_factor} /><Policies policies={data.items} /></>}</Asked>
      </Panel>
      <Panel title={<Trans>Ask for one</Trans>}><Asked of={found}>{(data) => <Requiring policies={data.items} />}</Asked></Panel>
    </Page>
  );
}

function Without({ people }: { people: number }) {
  const { t } = useLingui();
  if (people === 0) return <Text><Trans>Everybody has one.</Trans></Text>;
  return (
    <Text>
      {t`${plural(people, { one: "# person has none yet.", other: "# people have none yet." })}`}{" "}
      <To to="/admin/people" search={{ state: "unguarded" }}><Trans>See who</Trans></To>
    </Text>
  );
}

function useNames() {
  const { t } = useLingui();
  return ({ kind, name: given }: Whom) => {
    // Kept apart from the words around it, which may run the other way.
    const name = `\u2068${given}\u2069`;
    return kind === "everyone" ? t`Everyone` : kind === "group" ? t`Group ${name}` : t`Role ${name}`;
  };
}

function Policies({ policies }: { policies: readonly Policy[] }) {
  const { t } = useLingui();
  const names = useNames();
  const [ends, setEnds] = useState<Policy | null>(null);
  const end = useDoing(({ kind, name }: Whom) => api.delete(`${AT}?${new URLSearchParams({ kind, name })}`), ["factor-policies"], t`It is asked of them no longer.`);
  if (policies.length === 0) return <Nothing><Trans>It is asked of nobody: a password alone is enough.</Trans></Nothing>;
  return (
    <>
      <Wide>
        <Table verticalSpacing="sm">
          <Table.Thead><Table.Tr><Table.Th><Trans>Asked of</Trans></Table.Th><Table.Th><Trans>Last day</Trans></Table.Th><Table.Th><Trans>“Not now”</Trans></Table.Th><Table.Td /></Table.Tr></Table.Thead>
          <Table.Tbody>
            {policies.map((one) => (
              <Table.Tr key={`${one.kind} ${one.name}`} data-testid="factor-policy">
                <Table.Td><bdi>{names(one)}</bdi></Table.Td>
                <Table.Td>{isDue(one) ? <Badge variant="light" color="orange"><Trans>wanted at once</Trans></Badge> : day(Date.parse(one.due_at) / 1000)}</Table.Td>
                <Table.Td>{isDue(one) ? "—" : t`${plural(one.skips, { one: "# time", other: "# times" })}`}</Table.Td>
                <Table.Td ta="end"><Button size="xs" variant="default" aria-label={t`End: ${names(one)}`} onClick={() => setEnds(one)}><Trans>End</Trans></Button></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <Confirm opened={ends !== null} title={t`Ask for it no longer?`} action={t`End`} onClose={() => setEnds(null)} onYes={() => ends && end.mutate(ends)}>
        {ends && <><bdi>{names(ends)}</bdi>: <Trans>a password alone is enough again. Factors that are set up stay.</Trans></>}
      </Confirm>
    </>
  );
}

function Requiring({ policies }: { policies: readonly Policy[] }) {
  const { t } = useLingui();
  const [today] = useState(() => dateOf(Date.now() / 1000));
  const [kind, setKind] = useState<Kind>("everyone");
  const [name, setName] = useState("");
  const [last, setLast] = useState(() => dateOf(Date.now() / 1000 + A_FORTNIGHT));
  const [skips, setSkips] = useState("4");
  const choose = (value: string | null) => { setKind((value ?? "everyone") as Kind); setName(""); };
  const asked: Policy | null = last === "" || skips === "" || (kind !== "everyone" && name === "")
    ? null
    : { kind, name, due_at: new Date(endOf(last) * 1000).toISOString(), skips: Number(skips) };
  const keep = useDoing((policy: Policy) => api.put(AT, policy), ["factor-policies"], t`It is asked of them from now on.`);
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (asked) keep.mutate(asked, { onSuccess: () => choose(null) }); }}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: "end" }}>
          <Select label={t`Asked of`} allowDeselect={false} value={kind} onChange={choose}
            data={[{ value: "everyone", label: t`Everyone` }, { value: "group", label: t`People in a group` }, { value: "role", label: t`People with a role` }]} />
          {kind === "group" && <Groups value={name} onChange={setName} />}
          {kind === "role" && <Roles value={name} onChange={setName} />}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: "end" }}>
          <TextInput label={t`Last day`} type="date" required min={today} value={last} onChange={(event) => setLast(event.currentTarget.value)} />
          <TextInput label={t`How often they may put it off`} type="number" required min={0} max={MOST_SKIPS} value={skips} onChange={(event) => setSkips(event.currentTarget.value)} />
        </SimpleGrid>
        <div role="status">{asked && <Consequence of={asked} replaces={policies.some((one) => one.kind === kind && one.name === name)} />}</div>
        <Group><Button type="submit" loading={keep.isPending} disabled={asked === null}><Trans>Ask for a second factor</Trans></Button></Group>
      </Stack>
    </form>
  );
}

/** What comes of it, before it is done. */
function Consequence({ of, replaces }: { of: Policy; replaces: boolean }) {
  const { t } = useLingui();
  const last = day(Date.parse(of.due_at) / 1000);
  return (
    <Stack gap="xs" fz="sm">
      <Text size="sm">
        {of.skips === 0
          ? <Trans>Who of them has none must set one up at once: nothing else opens before.</Trans>
          : <>
              <Trans>Who of them has none is led to set one up when they sign in.</Trans>{" "}
              {t`${plural(of.skips, { one: "They may put it off # time.", other: "They may put it off # times." })}`}{" "}
              <Trans>Once that is used up, and after {last} in any case, nothing else opens until it is set up.</Trans>
            </>}
      </Text>
      <Text size="sm"><Trans>Programs that sign in by a password are refused from then on. What is open already stays open until it ends by itself.</Trans></Text>
      {of.kind === "everyone" && <Text size="sm" fw={600}><Trans>You are one of them.</Trans></Text>}
      {replaces && <Text size="sm"><Trans>It takes the place of what is asked of them now, and what they put off is counted anew.</Trans></Text>}
    </Stack>
  );
}

interface Naming {
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function Groups({ value, onChange }: Naming) {
  const { t } = useLingui();
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => api.get<{ items: { path: string }[] }>("/a/keycell/admin/groups", { signal }) });
  const paths = (groups.data?.items ?? []).map((one) => one.path).filter((path) => path !== "/");
  return <Select label={t`Group, with those in it`} required searchable data={paths} nothingFoundMessage={t`There is no group yet.`} value={value || null} onChange={(path) => onChange(path ?? "")} error={groups.error?.message} />;
}

function Roles({ value, onChange }: Naming) {
  const { t } = useLingui();
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => api.get<{ items: { role_id: string; label: string }[] }>("/a/keycell/admin/roles", { signal }) });
  const data = (roles.data?.items ?? []).map((one) => ({ value: one.role_id, label: one.label || one.role_id }));
  return <Select label={t`Role`} required searchable data={data} nothingFoundMessage={t`There is no role yet.`} value={value || null} onChange={(role) => onChange(role ?? "")} error={roles.error?.message} />;
}

/** Nothing is left to put it off by. */
function isDue(policy: Policy): boolean {
  return policy.skips === 0 || Date.parse(policy.due_at) <= Date.now();
}
