import { Button, Group, SimpleGrid, Table, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel, Wide } from "../../shell/Page";

export default function GroupsPage() {
  const { t } = useLingui();
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => api.get<{ items: { path: string; label: string }[] }>("/a/keycell/admin/groups", { signal }) });
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => api.get<{ items: { role_id: string; label: string }[] }>("/a/keycell/admin/roles", { signal }) });
  const group = useForm({ initialValues: { path: "", label: "" } });
  const role = useForm({ initialValues: { role: "", label: "" } });
  const addGroup = useDoing((values: { path: string; label: string }) => api.post("/a/keycell/admin/groups", values), ["groups"], t`The group is there.`);
  const endGroup = useDoing((path: string) => api.delete(`/a/keycell/admin/groups?${new URLSearchParams({ path })}`), ["groups"]);
  const addRole = useDoing((values: { role: string; label: string }) => api.put(`/a/keycell/admin/roles/${encodeURIComponent(values.role)}`, { label: values.label }), ["roles"], t`The role is there.`);
  const endRole = useDoing((id: string) => api.delete(`/a/keycell/admin/roles/${encodeURIComponent(id)}`), ["roles"]);
  return (
    <Page title={<Trans>Groups and roles</Trans>} about={<Trans>Groups are a tree, like /staff/lab; applications that ask for groups get a person's group and all that it lies in.</Trans>}>
      <Panel title={<Trans>Groups</Trans>}>
        <form onSubmit={group.onSubmit((values) => addGroup.mutate(values, { onSuccess: () => group.reset() }))}>
          <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: "end" }}>
            <TextInput label={t`Path`} placeholder="/staff/lab" required {...group.getInputProps("path")} />
            <TextInput label={t`Name`} {...group.getInputProps("label")} />
            <Group><Button type="submit"><Trans>Add the group</Trans></Button></Group>
          </SimpleGrid>
        </form>
        <Asked of={groups}>
          {(data) => data.items.length === 0 ? <Nothing><Trans>There is no group yet.</Trans></Nothing> : (
            <Rows rows={data.items.map((one) => ({ id: one.path, label: one.label }))} onEnd={(path) => endGroup.mutate(path)} />
          )}
        </Asked>
      </Panel>
      <Panel title={<Trans>Roles</Trans>}>
        <form onSubmit={role.onSubmit((values) => addRole.mutate(values, { onSuccess: () => role.reset() }))}>
          <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: "end" }}>
            <TextInput label={t`Identifier`} placeholder="editor" required {...role.getInputProps("role")} />
            <TextInput label={t`Name`} {...role.getInputProps("label")} />
            <Group><Button type="submit"><Trans>Add the role</Trans></Button></Group>
          </SimpleGrid>
        </form>
        <Asked of={roles}>
          {(data) => data.items.length === 0 ? <Nothing><Trans>There is no role yet.</Trans></Nothing> : (
            <Rows rows={data.items.map((one) => ({ id: one.role_id, label: one.label }))} onEnd={(id) => endRole.mutate(id)} />
          )}
        </Asked>
      </Panel>
    </Page>
  );
}

function Rows({ rows, onEnd }: { rows: readonly { id: string; label: string }[]; onEnd: (id: string) => void }) {
  const { t } = useLingui();
  return (
    <Wide>
      <Table verticalSpacing="xs"><Table.Tbody>
        {rows.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td><span dir="auto">{one.id}</span></Table.Td><Table.Td><span dir="auto">{one.label}</span></Table.Td>
            <Table.Td ta="end">{one.id !== "/" && <Button size="xs" variant="default" aria-label={t`Remove ${one.id}`} onClick={() => onEnd(one.id)}><Trans>Remove</Trans></Button>}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody></Table>
    </Wide>
  );
}
