/** One group or role: who is in it, what lies in it, and what it gives. */
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Asked, More, Nothing, Panel } from "../../shell/Page";
import { To } from "../../shell/To";
import { Gifts, type Given } from "./GroupGifts";
import type { Person } from "./people";

export interface Chosen {
  readonly kind: "group" | "role";
  readonly name: string;
}

export function GroupPanel({ of, label, inside, onEnd }: { of: Chosen; label: string; inside: readonly { path: string; label: string }[]; onEnd: () => void }) {
  const { t } = useLingui();
  const given = useQuery({
    queryKey: ["memberships", "given", of.kind, of.name],
    queryFn: ({ signal }) => api.get<Given>(`/a/keycell/admin/memberships/given?${new URLSearchParams({ ...of })}`, { signal }),
  });
  const filter = { [of.kind]: of.name };
  const people = useInfiniteQuery({
    queryKey: ["people", "list", of.kind, of.name], initialPageParam: "",
    queryFn: ({ signal, pageParam }) => api.get<{ items: Person[]; next: string | null }>(`/a/keycell/admin/users?${new URLSearchParams({ ...filter, after: pageParam, most: "20" })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
  return (
    <Panel title={<bdi>{label || of.name}</bdi>}>
      <Group justify="space-between">
        <Text c="dimmed"><bdi>{of.name}</bdi></Text>
        {of.name !== "/" && <Button size="xs" variant="default" aria-label={t`Remove ${of.name}`} onClick={onEnd}><Trans>Remove</Trans></Button>}
      </Group>
      {inside.length > 0 && (
        <Stack gap={4}>
          <Text fw={600}><Trans>Groups in it</Trans></Text>
          <ul className="k-points">{inside.map((one) => <li key={one.path}><To to="/admin/groups" search={{ group: one.path }}><bdi>{one.label || one.path}</bdi></To></li>)}</ul>
        </Stack>
      )}
      <Stack gap={4}>
        <Group justify="space-between">
          <Text fw={600}><Trans>Members</Trans></Text>
          <To to="/admin/people" search={filter}><Trans>In the list of people</Trans></To>
        </Group>
        <Asked of={people}>
          {(found) => found.length === 0 ? <Nothing><Trans>Nobody.</Trans></Nothing> : (
            <ul className="k-points">
              {found.map((one) => (
                <li key={one.sub}>
                  <To to={`/admin/people/${encodeURIComponent(one.login)}`}><bdi>{one.name || one.login}</bdi></To>
                  {of.kind === "group" && one.group !== of.name && <Text span size="sm" c="dimmed"> · <Trans>by <bdi>{one.group}</bdi></Trans></Text>}
                </li>
              ))}
            </ul>
          )}
        </Asked>
        <More of={people} />
      </Stack>
      <Asked of={given}>{(found) => <Gifts of={found} own={of.name} />}</Asked>
    </Panel>
  );
}

/** How many there are, in a few words. */
export function Members({ of }: { of: number }) {
  const { t } = useLingui();
  return <Badge variant="default">{t`${plural(of, { one: "# person", other: "# people" })}`}</Badge>;
}
