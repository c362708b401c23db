import { Button, Group, MultiSelect, Stack, Switch, TagsInput, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Panel } from "../../shell/Page";
import { usePeople } from "./people";

interface Rule {
  readonly people: string[];
  readonly groups: string[];
  readonly roles: string[];
  readonly networks: string[];
  readonly acr: string;
  readonly is_for_everybody: boolean;
}
const MFA = "urn:keycell:acr:mfa";

/** Who may use an application. */
export function Access({ at }: { at: string }) {
  const rule = useQuery({ queryKey: ["clients", at, "access"], queryFn: ({ signal }) => api.get<Rule>(`${at}/access`, { signal }) });
  return (
    <Panel title={<Trans>Who may use it</Trans>}>
      <Asked of={rule}>{(data) => <Editing key={JSON.stringify(data)} at={at} kept={data} />}</Asked>
    </Panel>
  );
}

function Editing({ at, kept }: { at: string; kept: Rule }) {
  const { t } = useLingui();
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => api.get<{ items: { path: string }[] }>("/a/keycell/admin/groups", { signal }) });
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => api.get<{ items: { role_id: string }[] }>("/a/keycell/admin/roles", { signal }) });
  const [typed, setTyped] = useState("");
  const people = usePeople(typed);
  const [draft, setDraft] = useState<Rule>(kept);
  const keep = useDoing(() => api.put(`${at}/access`, { people: draft.people, groups: draft.groups, roles: draft.roles, networks: draft.networks, acr: draft.acr }), ["clients", "told"], t`It counts from now on.`);
  return (
    <form onSubmit={(event) => { event.preventDefault(); keep.mutate(undefined); }}>
      <Stack>
        <Text c="dimmed" size="sm"><Trans>Nobody named: everybody may. Whoever is named in any way may, groups below too.</Trans></Text>
        <MultiSelect searchable label={t`Groups`} data={[...new Set([...(groups.data?.items ?? []).map((one) => one.path), ...draft.groups])]} value={draft.groups} onChange={(value) => setDraft({ ...draft, groups: value })} />
        <TagsInput label={t`Roles`} data={(roles.data?.items ?? []).map((one) => one.role_id)} value={draft.roles} onChange={(value) => setDraft({ ...draft, roles: value })} />
        <TagsInput label={t`People, by login`} data={(people.data ?? []).map((one) => one.login)} limit={20} searchValue={typed} onSearchChange={setTyped} value={draft.people} onChange={(value) => setDraft({ ...draft, people: value })} />
        <TagsInput label={t`Networks`} description={t`Where a browser must be, as 192.0.2.0/24 or 2001:db8::/32; nothing is anywhere.`} value={draft.networks} onChange={(value) => setDraft({ ...draft, networks: value })} />
        <Switch label={t`Only with a second factor`} checked={draft.acr === MFA} onChange={(event) => setDraft({ ...draft, acr: event.currentTarget.checked ? MFA : "" })} />
        <Group><Button type="submit" variant="default" loading={keep.isPending}><Trans>Save who may use it</Trans></Button></Group>
      </Stack>
    </form>
  );
}
