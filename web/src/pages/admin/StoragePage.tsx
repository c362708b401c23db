/** What all spaces hold: how much, whose, what is large, and what waits to go. */
import { Group, Table, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../../api";
import { count, size } from "../../format";
import { Asked, More, Nothing, Page, Panel, When, Wide } from "../../shell/Page";
import { StorageSpaces } from "./StorageSpaces";

interface Overall {
  readonly spaces: number;
  readonly used: number;
  readonly left: number;
  readonly full: number;
  readonly waiting: { readonly blobs: number; readonly size: number };
  readonly trash_kept_days: number;
  readonly versions_kept_days: number;
}

interface Large {
  readonly node_id: string;
  readonly path: string;
  readonly size: number;
  readonly changed_at: string;
  readonly space: string;
  readonly owner: string;
}

export default function StoragePage() {
  return (
    <Page title={<Trans>Storage</Trans>} about={<Trans>What spaces hold, older versions and trash included. Names of files are shown here, never what is in them.</Trans>}>
      <Panel><Sums /></Panel>
      <Panel title={<Trans>Spaces</Trans>}><StorageSpaces /></Panel>
      <Panel title={<Trans>Largest files</Trans>}><Largest /></Panel>
    </Page>
  );
}

function Sums() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["storage", "sums"], queryFn: ({ signal }) => api.get<Overall>("/a/keycell/admin/storage", { signal }) });
  return (
    <Asked of={found}>
      {(sums) => (
        <>
          <Group gap="xl" align="flex-start">
            <Sum label={<Trans>Used by all spaces</Trans>}>{size(sums.used)}</Sum>
            <Sum label={<Trans>Spaces</Trans>}>{count(sums.spaces)}</Sum>
            <Sum label={<Trans>Nearly full</Trans>}>{count(sums.full)}</Sum>
            <Sum label={<Trans>Owner is gone</Trans>}>{count(sums.left)}</Sum>
            <Sum label={<Trans>Waiting to be swept</Trans>}>{size(sums.waiting.size)}</Sum>
          </Group>
          <Text size="sm" c="dimmed">
            {t`${plural(sums.trash_kept_days, { one: "What is deleted is kept for # day.", other: "What is deleted is kept for # days." })}`}{" "}
            {t`${plural(sums.versions_kept_days, { one: "Older versions are kept for # day.", other: "Older versions are kept for # days." })}`}{" "}
            <Trans>The settings keep_trash and keep_versions say so.</Trans>
          </Text>
        </>
      )}
    </Asked>
  );
}

function Sum({ label, children }: { label: ReactNode; children: ReactNode }) {
  return <div><Text size="sm" c="dimmed">{label}</Text><Text fw={600}>{children}</Text></div>;
}

function Largest() {
  const found = useInfiniteQuery({
    queryKey: ["storage", "largest"], initialPageParam: "",
    queryFn: ({ signal, pageParam }) => api.get<{ items: Large[]; next: string | null }>(`/a/keycell/admin/storage/largest?${new URLSearchParams({ after: pageParam, most: "20" })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
  return (
    <>
      <Asked of={found}>
        {(shown) => shown.length === 0 ? <Nothing><Trans>No file has 1 MiB or more.</Trans></Nothing> : (
          <Wide>
            <Table verticalSpacing="sm">
              <Table.Thead><Table.Tr>
                <Table.Th><Trans>File</Trans></Table.Th><Table.Th><Trans>Size</Trans></Table.Th><Table.Th><Trans>Space</Trans></Table.Th><Table.Th><Trans>Owner</Trans></Table.Th><Table.Th><Trans>Changed</Trans></Table.Th>
              </Table.Tr></Table.Thead>
              <Table.Tbody>
                {shown.map((one) => (
                  <Table.Tr key={one.node_id}>
                    <Table.Td><bdi>{one.path}</bdi></Table.Td><Table.Td>{size(one.size)}</Table.Td><Table.Td><bdi>{one.space}</bdi></Table.Td><Table.Td><bdi>{one.owner || "—"}</bdi></Table.Td><Table.Td><When at={one.changed_at} /></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Asked>
      <More of={found} />
    </>
  );
}
