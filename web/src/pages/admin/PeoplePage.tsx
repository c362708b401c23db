import { Badge, Button, Checkbox, Group, Modal, PasswordInput, Select, Stack, Table, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { ChooseAll } from "../../shell/ChooseAll";
import { useDoing } from "../../shell/doing";
import { Asked as Shown, More, Nothing, Page, Panel, When, Wide } from "../../shell/Page";
import { type Asked, useAsked } from "./asked";
import { Bulk } from "./Bulk";
import { Importing } from "./Importing";
import { Invitations, Inviting } from "./Inviting";
import { type Person, useSought } from "./people";
import { SortHead } from "./SortHead";
import { SigningOut } from "./PersonSignOut";
import { TableTools } from "./TableTools";
import { useColumns } from "./tableViews";
import { addressOf } from "./whole";
import { To } from "../../shell/To";

const COLUMNS = ["login", "email", "group", "roles", "state", "since"] as const;
type ColumnId = (typeof COLUMNS)[number];
const USUAL: readonly ColumnId[] = ["login", "group", "state", "since"];

export default function PeoplePage() {
  const { t } = useLingui();
  const { asked, change, typed, setTyped } = useAsked();
  const [opens, setOpens] = useState<"" | "add" | "invite" | "import">("");
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => api.get<{ items: { path: string }[] }>("/a/keycell/admin/groups", { signal }) });
  const paths = (groups.data?.items ?? []).map((one) => one.path);
  const found = useSought(asked);
  const close = () => setOpens("");
  const columns = useColumns("people", COLUMNS, USUAL);
  const labels = useLabels();
  return (
    <Page title={<Trans>People</Trans>}
      actions={
        <Group>
          <Button onClick={() => setOpens("invite")}><Trans>Invite a person</Trans></Button>
          <Button variant="default" onClick={() => setOpens("add")}><Trans>Add a person</Trans></Button>
          <Button variant="default" onClick={() => setOpens("import")}><Trans>From a table</Trans></Button>
        </Group>
      }>
      <Invitations />
      <Panel>
        <Group align="flex-end">
          <TextInput label={t`Search`} placeholder={t`Name, login, mail address or group`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} style={{ flex: "1 1 14rem" }} />
          <Select label={t`State`} value={asked.state} onChange={(state) => change({ state: state ?? "" })} allowDeselect={false}
            data={[
              { value: "", label: t`all` }, { value: "active", label: t`active` }, { value: "disabled", label: t`disabled` },
              { value: "administrator", label: t`administrator` }, { value: "leaving", label: t`is leaving` },
              { value: "unguarded", label: t`without a second factor` },
            ]} />
          <Select label={t`Group`} searchable clearable clearButtonProps={{ "aria-label": t`Every group` }} placeholder={t`Every group`} value={asked.group || null} onChange={(group) => change({ group: group ?? "" })}
            data={[...new Set([...paths.filter((one) => one !== "/"), ...(asked.group ? [asked.group] : [])])]} />
          {asked.role && <Button variant="light" rightSection={<IconX size={14} aria-hidden />} aria-label={t`Remove the role ${asked.role}`} onClick={() => change({ role: "" })}><Trans>Role: <bdi>{asked.role}</bdi></Trans></Button>}
        </Group>
        <TableTools name="people" file="/a/keycell/admin/users.export" columns={COLUMNS.map((id) => ({ id, label: labels[id] }))} {...columns} asked={asked} change={change} />
        <Shown of={found}>
          {(shown) => shown.length === 0 ? <Nothing><Trans>Nobody is called so.</Trans></Nothing> : <PeopleTable shown={shown} groups={paths} columns={columns.shown} asked={asked} onChange={change} />}
        </Shown>
        <More of={found} />
      </Panel>
      <Adding opened={opens === "add"} groups={paths} onClose={close} />
      <Inviting opened={opens === "invite"} groups={paths} onClose={close} />
      <Importing opened={opens === "import"} onClose={close} />
    </Page>
  );
}

function PeopleTable({ shown, groups, columns, asked, onChange }: { shown: readonly Person[]; groups: readonly string[]; columns: readonly ColumnId[]; asked: Asked; onChange: (more: Partial<Asked>) => void }) {
  const { t } = useLingui();
  const [chosen, setChosen] = useState<string[]>([]);
  const there = chosen.filter((login) => shown.some((one) => one.login === login));
  const at = (login: string, what: string) => `/a/keycell/admin/users/${encodeURIComponent(login)}/${what}`;
  const names = (login: string) => shown.find((one) => one.login === login)?.name || login;
  const heads = { usual: "login", asked, onChange };
  const [place, setPlace] = useState<string | null>(null);
  const [withGrants, setWithGrants] = useState(false);
  const labels = useLabels();
  return (
    <>
      <Bulk chosen={there} names={names} changed={["people", "overview", "checklist", "memberships"]} onChosen={setChosen} acts={[
        { label: t`Disable`, warning: t`They are signed out at once, and cannot sign in until they are enabled again.`, of: (login, options) => api.post(at(login, "disable"), {}, options) },
        { label: t`Enable`, of: (login, options) => api.post(at(login, "enable"), {}, options) },
        { label: t`Move to a group`, isWaiting: place === null, of: (login, options) => api.put(addressOf(login), { group: place }, options),
          warning: <Select label={t`Group`} searchable required data={[...new Set(["/", ...groups])]} value={place} onChange={setPlace} description={t`What the group gives counts from now on; what the one before gave ends.`} /> },
        { label: t`Sign out`, warning: <SigningOut withGrants={withGrants} onChange={setWithGrants} />, of: (login, options) => api.delete(at(login, `sessions?with_grants=${withGrants}`), options) },
      ]} />
      <Wide>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead><Table.Tr>
            <Table.Th w="2.5rem"><ChooseAll chosen={there.length} of={shown.length} onChoose={(isAll) => setChosen(isAll ? shown.map((one) => one.login) : [])} /></Table.Th>
            <SortHead by="name" {...heads}><Trans>Name</Trans></SortHead>
            {columns.map((id) => HEADS[id] ? <SortHead key={id} by={HEADS[id]} {...heads}>{labels[id]}</SortHead> : <Table.Th key={id}>{labels[id]}</Table.Th>)}
          </Table.Tr></Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={one.sub}>
                <Table.Td><Checkbox aria-label={t`Choose ${one.login}`} checked={there.includes(one.login)}
                  onChange={(event) => setChosen(event.currentTarget.checked ? [...there, one.login] : there.filter((login) => login !== one.login))} /></Table.Td>
                <Table.Td><To to={`/admin/people/${encodeURIComponent(one.login)}`}><bdi>{one.name || one.login}</bdi></To></Table.Td>
                {columns.map((id) => <Table.Td key={id}><Cell id={id} of={one} /></Table.Td>)}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}

function useLabels(): Record<ColumnId, string> {
  const { t } = useLingui();
  return { login: t`Login`, email: t`Mail address`, group: t`Group`, roles: t`Roles`, state: t`State`, since: t`Since` };
}

/** By what the list can be ordered, where it can. */
const HEADS: Partial<Record<ColumnId, string>> = { login: "login", since: "created" };

function Cell({ id, of }: { id: ColumnId; of: Person }) {
  if (id === "state") return <States person={of} />;
  if (id === "since") return <When at={of.created_at} />;
  if (id === "roles") return <bdi>{of.roles.join(", ") || "—"}</bdi>;
  return <bdi>{of[id] ?? "—"}</bdi>;
}

export function States({ person }: { person: Person }) {
  return (
    <Group gap={6}>
      {person.is_admin && <Badge variant="light"><Trans>administrator</Trans></Badge>}
      {person.is_disabled ? <Badge color="red" variant="light"><Trans>disabled</Trans></Badge> : <Badge color="green" variant="light"><Trans>active</Trans></Badge>}
      {person.test_of !== null && <Badge color="orange" variant="light"><Trans>for tests</Trans></Badge>}
      {person.leaves_at && <Badge color="orange" variant="light"><Trans>is leaving</Trans></Badge>}
    </Group>
  );
}

function Adding({ opened, groups, onClose }: { opened: boolean; groups: readonly string[]; onClose: () => void }) {
  const { t } = useLingui();
  const form = useForm({ initialValues: { login: "", name: "", email: "", password: "", group: "/", is_admin: false } });
  const add = useDoing(
    (values: typeof form.values) => api.post("/a/keycell/admin/users", { ...values, email: values.email || null }),
    ["people", "overview", "checklist"], t`The account is there.`,
  );
  return (
    <Modal opened={opened} onClose={onClose} title={t`Add a person`} closeButtonProps={{ "aria-label": t`Close` }}>
      <form onSubmit={form.onSubmit((values) => add.mutate(values, { onSuccess: () => { form.reset(); onClose(); } }))}>
        <Stack>
          <TextInput label={t`Login`} required autoComplete="off" {...form.getInputProps("login")} />
          <TextInput label={t`Name`} autoComplete="off" {...form.getInputProps("name")} />
          <TextInput label={t`Mail address`} type="email" autoComplete="off" {...form.getInputProps("email")} />
          <PasswordInput label={t`First password`} description={t`At least 8 characters; they change it once they are in.`} required autoComplete="new-password" {...form.getInputProps("password")} />
          <Select label={t`Group`} data={["/", ...groups.filter((one) => one !== "/")]} allowDeselect={false} {...form.getInputProps("group")} />
          <Checkbox label={t`Administrator`} {...form.getInputProps("is_admin", { type: "checkbox" })} />
          <Group justify="flex-end"><Button type="submit" loading={add.isPending}><Trans>Add</Trans></Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}
