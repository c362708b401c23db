import { Button, Group, Select, SimpleGrid, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, ask } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel } from "../../shell/Page";
import { save } from "../../shell/save";
import { useGo } from "../../shell/To";
import classes from "./Audit.module.css";
import { AuditEvents } from "./AuditEvents";
import { Counts, type Facets } from "./AuditCounts";
import type { Events } from "./EventList";
import { KINDS, useKind } from "./kinds";
import { type Filters, FILTERS, PERIODS, asQuery } from "./filters";

export default function AuditPage() {
  const { t, i18n } = useLingui();
  const go = useGo();
  const found = useSearch({ strict: false }) as Record<string, unknown>;
  const filters = Object.fromEntries(FILTERS.filter((name) => found[name]).map((name) => [name, String(found[name])])) as Filters;
  // The filters are the address, so that a view can be sent to somebody.
  const set = (more: Filters) => go("/admin/audit", { ...filters, ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, value || undefined])) });
  const key = JSON.stringify(filters);
  const events = useInfiniteQuery({
    queryKey: ["audit", key],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => api.get<Events>(`/a/keycell/admin/audit?${asQuery(filters, pageParam)}`, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const facets = useQuery({ queryKey: ["audit", "facets", key], queryFn: ({ signal }) => api.get<Facets>(`/a/keycell/admin/audit/facets?${asQuery(filters)}`, { signal }) });
  const take = useDoing(async () => save(await (await ask("GET", `/web/a/keycell/admin/audit.jsonl?${asQuery(filters)}`)).blob(), "audit.jsonl"), []);
  const kindOf = useKind();
  const kinds = Object.keys(KINDS).includes(filters.action ?? "session") ? Object.keys(KINDS) : [...Object.keys(KINDS), filters.action ?? ""];
  const periods = { "": t`Any time`, ...Object.fromEntries(Object.entries(PERIODS).map(([value, one]) => [value, i18n._(one.label)])), days: t`Between two days` };
  const days = events.data?.pages[0]?.kept_days ?? 400;
  const isBetween = filters.period === "days";
  // What follows is later than any time from which it is asked.
  const told = isBetween && filters.to ? null : `/web/a/keycell/admin/audit/events?${asQuery({ ...filters, period: "" })}`;
  return (
    <Page title={<Trans>Audit</Trans>} about={<Trans>Who did what to whom, when and from where. Kept for {days} days; whoever can write to the database can change it, so export what must be proof.</Trans>}
      actions={<Button variant="default" loading={take.isPending} onClick={() => take.mutate(undefined)}><Trans>Export as JSON lines</Trans></Button>}>
      <Panel>
        <Who value={filters.who ?? ""} onChange={(who) => set({ who })} />
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <Select label={t`Kind`} searchable clearable clearButtonProps={{ "aria-label": t`All kinds` }} placeholder={t`All`} value={filters.action ?? null} onChange={(value) => set({ action: value ?? "" })}
            data={kinds.map((value) => ({ value, label: kindOf(value) }))} />
          <Select label={t`Result`} clearable clearButtonProps={{ "aria-label": t`All results` }} placeholder={t`All`} value={filters.result ?? null} onChange={(value) => set({ result: value ?? "" })}
            data={[{ value: "done", label: t`done` }, { value: "refused", label: t`refused` }]} />
          <Select label={t`When`} allowDeselect={false} value={filters.period ?? ""} onChange={(period) => set({ period: period ?? "", from: "", to: "" })}
            data={Object.entries(periods).map(([value, label]) => ({ value, label }))} />
          {isBetween && <TextInput type="date" label={t`From`} value={filters.from ?? ""} onChange={(event) => set({ from: event.currentTarget.value })} />}
          {isBetween && <TextInput type="date" label={t`To, that day too`} value={filters.to ?? ""} onChange={(event) => set({ to: event.currentTarget.value })} />}
        </SimpleGrid>
        <Chips filters={filters} onChange={set} names={{
          who: [t`Who or what`, filters.who ?? ""], action: [t`Kind`, kindOf(filters.action ?? "")], client_id: [t`Application`, facets.data?.clients.find((one) => one.value === filters.client_id)?.name ?? filters.client_id ?? ""],
          result: [t`Result`, filters.result === "refused" ? t`refused` : t`done`], ip: [t`From`, filters.ip ?? ""],
          period: [t`When`, isBetween ? [filters.from, filters.to].map((one) => one || "…").join(" – ") : (periods as Record<string, string>)[filters.period ?? ""] ?? ""],
        }} />
      </Panel>
      <div className={classes.layout}>
        <Panel>
          <Asked of={events}>
            {(data) => <AuditEvents key={key} events={data.pages.flatMap((page) => page.items)} at={told} />}
          </Asked>
          <Group justify="center">
            {events.hasNextPage ? <Button variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}><Trans>Earlier</Trans></Button> : events.data && <Text size="sm" c="dimmed"><Trans>That is all.</Trans></Text>}
          </Group>
        </Panel>
        <Asked of={facets}>{(data) => <Counts of={data} filters={filters} onChange={set} />}</Asked>
      </div>
    </Page>
  );
}

/** What is typed counts once the hand rests. */
function Who({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(value);
  const [rested] = useDebouncedValue(typed, 300);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (rested === typed && rested.trim() !== value) onChange(rested.trim());
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what is typed alone asks anew
  }, [rested]);
  return <TextInput label={t`Who or what`} description={t`Name, login, identifier, address, request`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />;
}

function Chips({ filters, names, onChange }: { filters: Filters; names: Record<string, [string, string]>; onChange: (more: Filters) => void }) {
  const { t } = useLingui();
  const shown = Object.entries(names).filter(([name]) => filters[name as keyof Filters]);
  if (shown.length === 0) return null;
  const without = (name: string): Filters => (name === "period" ? { period: "", from: "", to: "" } : { [name]: "" });
  return (
    <Group gap="xs" role="group" aria-label={t`What narrows the list`}>
      {shown.map(([name, [label, value]]) => (
        <Button key={name} size="compact-sm" variant="light" radius="xl" rightSection={<IconX size={14} aria-hidden />} aria-label={t`Remove ${label}: ${value}`} onClick={() => onChange(without(name))}>
          <bdi>{label}: {value}</bdi>
        </Button>
      ))}
      {shown.length > 1 && <Button size="compact-sm" variant="subtle" onClick={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, ""])))}><Trans>Remove all</Trans></Button>}
    </Group>
  );
}
