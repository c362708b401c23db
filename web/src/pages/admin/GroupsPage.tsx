import { Button, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel } from "../../shell/Page";
import { To, useGo } from "../../shell/To";
import { type Chosen, GroupPanel, Members } from "./GroupPanel";
import classes from "./Groups.module.css";

interface Tree {
  readonly groups: readonly { path: string; label: string; people: number }[];
  readonly roles: readonly { role_id: string; label: string; people: number }[];
}

/** Which group or role is looked at stands in the address. */
function useChosen(): Chosen | null {
  const { group, role } = useSearch({ strict: false }) as { group?: unknown; role?: unknown };
  if (typeof group === "string" && group) return { kind: "group", name: group };
  return role === undefined || role === "" ? null : { kind: "role", name: String(role) };
}

export default function GroupsPage() {
  const { t } = useLingui();
  const go = useGo();
  const chosen = useChosen();
  const [wanted, setWanted] = useState("");
  const found = useQuery({ queryKey: ["memberships"], queryFn: ({ signal }) => api.get<Tree>("/a/keycell/admin/memberships", { signal }) });
  const changed = ["memberships", "groups", "roles", "people"];
  const addGroup = useDoing((said: Said) => api.post("/a/keycell/admin/groups", { path: said.name, label: said.label }), changed, t`The group is there.`);
  const addRole = useDoing((said: Said) => api.put(`/a/keycell/admin/roles/${encodeURIComponent(said.name)}`, { label: said.label }), changed, t`The role is there.`);
  const end = useDoing((one: Chosen) => api.delete(one.kind === "group" ? `/a/keycell/admin/groups?${new URLSearchParams({ path: one.name })}` : `/a/keycell/admin/roles/${encodeURIComponent(one.name)}`), changed);
  const isWanted = (...texts: string[]) => texts.some((one) => one.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase()));
  return (
    <Page title={<Trans>Groups and roles</Trans>} about={<Trans>Groups are a tree, like /staff/lab; applications that ask for groups get a person's group and all that it lies in.</Trans>}>
      <Asked of={found}>
        {(data) => (
          <div className={classes.layout}>
            <Stack gap="lg">
              <Panel title={<Trans>Groups</Trans>}>
                <TextInput label={t`Search`} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
                <Listed none={<Trans>There is no group yet.</Trans>}>
                  {data.groups.filter((one) => one.path !== "/" && isWanted(one.path, one.label)).map((one) => (
                    <Entry key={one.path} kind="group" name={one.path} label={one.label} people={within(data, one.path)} depth={wanted.trim() ? 0 : one.path.split("/").length - 2} chosen={chosen} />
                  ))}
                </Listed>
                <Adding label={t`Path`} example="/staff/lab" action={t`Add the group`} onAdd={(said, done) => addGroup.mutate(said, { onSuccess: done })} />
              </Panel>
              <Panel title={<Trans>Roles</Trans>}>
                <Listed none={<Trans>There is no role yet.</Trans>}>
                  {data.roles.filter((one) => isWanted(one.role_id, one.label)).map((one) => (
                    <Entry key={one.role_id} kind="role" name={one.role_id} label={one.label} people={one.people} depth={0} chosen={chosen} />
                  ))}
                </Listed>
                <Adding label={t`Identifier`} example="editor" action={t`Add the role`} onAdd={(said, done) => addRole.mutate(said, { onSuccess: done })} />
              </Panel>
            </Stack>
            {chosen && (
              <div className={classes.chosen}><GroupPanel key={chosen.kind + chosen.name} of={chosen} label={labelOf(data, chosen)} inside={chosen.kind === "group" ? inside(data, chosen.name) : []}
                onEnd={() => end.mutate(chosen, { onSuccess: () => go("/admin/groups") })} /></div>
            )}
          </div>
        )}
      </Asked>
    </Page>
  );
}

const below = (path: string) => (path === "/" ? "/" : `${path}/`);

/** How many are in a group or in one below it. */
function within(data: Tree, path: string): number {
  return data.groups.filter((one) => one.path === path || one.path.startsWith(below(path))).reduce((sum, one) => sum + one.people, 0);
}

function inside(data: Tree, path: string) {
  return data.groups.filter((one) => one.path !== path && one.path.startsWith(below(path)) && !one.path.slice(below(path).length).includes("/"));
}

function labelOf(data: Tree, { kind, name }: Chosen): string {
  return (kind === "group" ? data.groups.find((one) => one.path === name)?.label : data.roles.find((one) => one.role_id === name)?.label) ?? "";
}

function Listed({ none, children }: { none: ReactNode; children: ReactNode[] }) {
  return children.length === 0 ? <Nothing>{none}</Nothing> : <ul className={classes.list}>{children}</ul>;
}

function Entry({ kind, name, label, people, depth, chosen }: Chosen & { label: string; people: number; depth: number; chosen: Chosen | null }) {
  const isChosen = chosen?.kind === kind && chosen.name === name;
  return (
    <li className={classes.entry} style={{ paddingInlineStart: `${depth * 1.1}rem` }} data-chosen={isChosen || undefined}>
      <To to="/admin/groups" search={{ [kind]: name }} aria-current={isChosen ? "true" : undefined}><bdi>{label || name}</bdi></To>
      <Text span size="sm" c="dimmed" className={classes.name}><bdi>{name}</bdi></Text>
      <Members of={people} />
    </li>
  );
}

interface Said {
  readonly name: string;
  readonly label: string;
}

function Adding({ label, example, action, onAdd }: { label: string; example: string; action: string; onAdd: (said: Said, done: () => void) => void }) {
  const { t } = useLingui();
  const form = useForm({ initialValues: { name: "", label: "" } });
  return (
    <form onSubmit={form.onSubmit((said) => onAdd(said, form.reset))}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: "end" }}>
        <TextInput label={label} placeholder={example} required {...form.getInputProps("name")} />
        <TextInput label={t`Name`} {...form.getInputProps("label")} />
        <div><Button type="submit" variant="default">{action}</Button></div>
      </SimpleGrid>
    </form>
  );
}
