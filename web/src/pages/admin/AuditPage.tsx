import { Button, Group, Select, SimpleGrid, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { api, ask } from "../../api";
import { useDoing } from "../../shell/doing";
import { Failed, Page, Panel } from "../../shell/Page";
import { save } from "../../shell/save";
import { EventList, type Events } from "./EventList";
import { useGo } from "../../shell/To";

interface Filters {
  readonly action?: string;
  readonly who?: string;
  readonly result?: string;
}

export default function AuditPage() {
  const { t } = useLingui();
  const go = useGo();
  const filters = useSearch({ strict: false }) as Filters;
  const [asked] = useDebouncedValue(filters, 250);
  const query = new URLSearchParams(Object.entries(asked).filter(([name, value]) => ["action", "who", "result"].includes(name) && value) as [string, string][]);
  const found = useInfiniteQuery({
    queryKey: ["audit", query.toString()],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const page = new URLSearchParams(query);
      if (pageParam) page.set("before", pageParam);
      return api.get<Events>(`/a/keycell/admin/audit?${page}`, { signal });
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const take = useDoing(async () => save(await (await ask("GET", `/web/a/keycell/admin/audit.jsonl?${query}`)).blob(), "audit.jsonl"), []);
  // The filters are the address, so that a view can be sent to somebody.
  const set = (name: keyof Filters, value: string | null) => go("/admin/audit", { ...filters, [name]: value || undefined });
  const kinds = [
    ["session", t`Signing in and out`], ["grant", t`Applications' tokens`], ["consent", t`Consents`], ["account", t`Accounts`], ["client", t`Applications`],
    ["personal", t`Access tokens`], ["key", t`Signing keys`], ["link", t`Public links`], ["space", t`Spaces`], ["group", t`Groups`], ["role", t`Roles`], ["backup", t`Backups`],
  ] as const;
  const known = kinds.some(([value]) => value === filters.action);
  return (
    <Page title={<Trans>Audit</Trans>} about={<Trans>Who did what to whom, when and from where. Kept for 400 days.</Trans>}
      actions={<Button variant="default" loading={take.isPending} onClick={() => take.mutate(undefined)}><Trans>Export as JSON lines</Trans></Button>}>
      <Panel>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextInput label={t`Who or what`} placeholder={t`Login, client_id or identifier`} defaultValue={filters.who ?? ""} onChange={(event) => set("who", event.currentTarget.value)} />
          <Select label={t`Kind`} clearable clearButtonProps={{ "aria-label": t`All kinds` }} placeholder={t`All`} value={filters.action ?? null} onChange={(value) => set("action", value)}
            data={[...kinds.map(([value, label]) => ({ value, label })), ...(filters.action && !known ? [{ value: filters.action, label: filters.action }] : [])]} />
          <Select label={t`Result`} clearable clearButtonProps={{ "aria-label": t`All results` }} placeholder={t`All`} value={filters.result ?? null} onChange={(value) => set("result", value)}
            data={[{ value: "done", label: t`done` }, { value: "refused", label: t`refused` }]} />
        </SimpleGrid>
        {found.error && <Failed error={found.error} />}
        {found.data && <EventList events={found.data.pages.flatMap((page) => page.items)} />}
        <Group justify="center">
          {found.hasNextPage ? <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}><Trans>Earlier</Trans></Button> : <Text size="sm" c="dimmed"><Trans>That is all.</Trans></Text>}
        </Group>
      </Panel>
    </Page>
  );
}
