import { Button, Fieldset, Group, MultiSelect, SimpleGrid, Stack, TagsInput, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Panel } from "../../shell/Page";
import { useApplications } from "./applications";
import type { Client } from "./ClientsPage";
import { usePeople } from "./people";

interface Rule {
  readonly applications: string[];
  readonly people: string[];
  readonly groups: string[];
  readonly for_people: string[];
  readonly for_groups: string[];
  readonly may_act: string;
}
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

/** Who may act for whom where an application exchanges tokens. RFC8693-1.1. */
export function Acting({ at, client }: { at: string; client: Client }) {
  const rule = useQuery({ queryKey: ["clients", at, "acting"], queryFn: ({ signal }) => api.get<Rule>(`${at}/acting`, { signal }) });
  return (
    <Panel title={<Trans>Who may act for whom</Trans>}>
      <Text c="dimmed" size="sm">
        <Trans>Where it exchanges tokens, somebody may act for somebody else; the new token names both. Nobody acts who is not named here.</Trans>
        {!client.grant_types?.includes(EXCHANGE) && <>{" "}<Trans>It is not registered for that, so only the last field counts.</Trans></>}
      </Text>
      <Asked of={rule}>{(data) => <Editing key={JSON.stringify(data)} at={at} kept={data} />}</Asked>
    </Panel>
  );
}

function Editing({ at, kept }: { at: string; kept: Rule }) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<Rule>(kept);
  const change = (more: Partial<Rule>) => setDraft({ ...draft, ...more });
  const keep = useDoing(() => {
    const { applications, people, groups, for_people, for_groups, may_act } = draft;
    return api.put(`${at}/acting`, { applications, people, groups, for_people, for_groups, may_act });
  }, ["clients"], t`It counts from now on.`);
  return (
    <form onSubmit={(event) => { event.preventDefault(); keep.mutate(undefined); }}>
      <Stack>
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          <Fieldset legend={t`Who may act`}>
            <Stack>
              <Applications label={t`Applications`} value={draft.applications} onChange={(applications) => change({ applications })} />
              <People label={t`People, by login`} value={draft.people} onChange={(people) => change({ people })} />
              <Groups value={draft.groups} onChange={(groups) => change({ groups })} />
            </Stack>
          </Fieldset>
          <Fieldset legend={t`For whom`}>
            <Stack>
              <People label={t`People, by login`} value={draft.for_people} onChange={(for_people) => change({ for_people })} />
              <Groups value={draft.for_groups} onChange={(for_groups) => change({ for_groups })} />
              <Text c="dimmed" size="sm"><Trans>Nobody named: for everybody but administrators, each of whom must be named.</Trans></Text>
            </Stack>
          </Fieldset>
        </SimpleGrid>
        <Applications label={t`The only application that may act by its tokens`} description={t`Wherever they are exchanged. None: any that may act there.`} most={1}
          value={draft.may_act === "" ? [] : [draft.may_act]} onChange={([may_act = ""]) => change({ may_act })} />
        <Group><Button type="submit" variant="default" loading={keep.isPending}><Trans>Save who may act</Trans></Button></Group>
      </Stack>
    </form>
  );
}

interface Choosing {
  readonly value: string[];
  readonly onChange: (value: string[]) => void;
}

function Applications({ label, description, most, value, onChange }: Choosing & { label: string; description?: string; most?: number }) {
  const [typed, setTyped] = useState("");
  const choices = useApplications(typed, value);
  // What the server found may be found by what is not shown, so nothing is left out here.
  return <MultiSelect searchable hidePickedOptions label={label} description={description} maxValues={most} data={choices} filter={({ options }) => options} searchValue={typed} onSearchChange={setTyped} value={value} onChange={onChange} />;
}

function People({ label, value, onChange }: Choosing & { label: string }) {
  const [typed, setTyped] = useState("");
  const people = usePeople(typed);
  return <TagsInput label={label} data={(people.data ?? []).map((one) => one.login)} limit={20} searchValue={typed} onSearchChange={setTyped} value={value} onChange={onChange} />;
}

function Groups({ value, onChange }: Choosing) {
  const { t } = useLingui();
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => api.get<{ items: { path: string }[] }>("/a/keycell/admin/groups", { signal }) });
  const paths = [...new Set([...(groups.data?.items ?? []).map((one) => one.path), ...value])];
  return <MultiSelect searchable label={t`Groups`} data={paths} value={value} onChange={onChange} />;
}
