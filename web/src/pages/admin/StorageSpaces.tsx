/** The spaces: whose they are, how full, what they may hold, and what lies in their recycle bins. */
import { Badge, Button, Group, Modal, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { count, size } from "../../format";
import { useDoing } from "../../shell/doing";
import { Asked, More, Nothing, When, Wide } from "../../shell/Page";
import { To } from "../../shell/To";
import { useAsked } from "./asked";
import { SortHead } from "./SortHead";
import { StorageTrash } from "./StorageTrash";

export interface Space {
  readonly space_id: string;
  readonly label: string;
  readonly owner: string;
  readonly owner_name: string;
  readonly quota: number | null;
  readonly used: number;
  readonly trashed: number;
  readonly kept_until: string | null;
}

const USUAL = "used";
const A_GIGABYTE = 1e9;

export function StorageSpaces() {
  const { t } = useLingui();
  const { asked, change, typed, setTyped } = useAsked();
  const { search, state, sort } = asked;
  // The fullest come first, until something else is asked for.
  const backwards = sort ? asked.backwards : true;
  const [bounds, bound] = useState<Space | null>(null);
  const [opened, open] = useState<Space | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["storage", "spaces", search, state, sort, backwards], initialPageParam: "", placeholderData: keepPreviousData,
    queryFn: ({ signal, pageParam }) => api.get<{ items: Space[]; next: string | null }>(`/a/keycell/admin/storage/spaces?${new URLSearchParams({
      search, state, sort: sort || USUAL, is_backwards: String(backwards), after: pageParam, most: "50",
    })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
  const boundOf = (one: Space) => one.quota === null ? t`no bound` : size(one.quota);
  const heads = { usual: USUAL, asked: { ...asked, backwards }, onChange: change };
  return (
    <>
      <Group align="flex-end">
        <TextInput label={t`Search`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} style={{ flex: "1 1 14rem" }} />
        <Select label={t`State`} value={state} onChange={(one) => change({ state: one ?? "" })} allowDeselect={false}
          data={[{ value: "", label: t`all` }, { value: "full", label: t`nearly full` }, { value: "left", label: t`owner is gone` }]} />
      </Group>
      <Asked of={found}>
        {(shown) => shown.length === 0 ? <Nothing><Trans>There is none.</Trans></Nothing> : (
          <Wide>
            <Table verticalSpacing="sm" highlightOnHover>
              <Table.Thead><Table.Tr>
                <SortHead by="label" {...heads}><Trans>Space</Trans></SortHead>
                <SortHead by="owner" {...heads}><Trans>Owner</Trans></SortHead>
                <SortHead by="used" {...heads}><Trans>Used</Trans></SortHead>
                <SortHead by="quota" {...heads}><Trans>Quota</Trans></SortHead>
                <SortHead by="trashed" {...heads}><Trans>Trash</Trans></SortHead>
              </Table.Tr></Table.Thead>
              <Table.Tbody>
                {shown.map((one) => (
                  <Table.Tr key={one.space_id}>
                    <Table.Td><bdi>{one.label}</bdi>{one.kept_until && <Text size="sm" c="dimmed"><Trans>goes</Trans> <When at={one.kept_until} /></Text>}</Table.Td>
                    <Table.Td>{one.owner ? <To to={`/admin/people/${encodeURIComponent(one.owner)}`}><bdi>{one.owner_name || one.owner}</bdi></To> : one.kept_until ? <Badge color="yellow" variant="light"><Trans>gone</Trans></Badge> : "—"}</Table.Td>
                    <Table.Td>{size(one.used)}{isFull(one) && <> <Badge color="red" variant="light"><Trans>nearly full</Trans></Badge></>}</Table.Td>
                    <Table.Td><Button size="compact-sm" mx={-8} variant="subtle" aria-label={t`Quota of ${whose(one)}: ${boundOf(one)}`} onClick={() => bound(one)}>{boundOf(one)}</Button></Table.Td>
                    <Table.Td>{one.trashed === 0 ? <Trans>empty</Trans> : <Button size="compact-sm" mx={-8} variant="subtle" aria-label={t`Trash of ${whose(one)}: ${count(one.trashed)}`} onClick={() => open(one)}>{count(one.trashed)}</Button>}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Asked>
      <More of={found} />
      <Modal opened={bounds !== null} onClose={() => bound(null)} title={t`How much may it hold?`} closeButtonProps={{ "aria-label": t`Close` }}>
        {bounds && <Bounding of={bounds} onClose={() => bound(null)} />}
      </Modal>
      <Modal opened={opened !== null} onClose={() => open(null)} size="lg" title={t`Trash`} closeButtonProps={{ "aria-label": t`Close` }}>
        {opened && <StorageTrash of={opened} />}
      </Modal>
    </>
  );
}

function whose(one: Space): string {
  return one.owner ? `${one.label} (${one.owner})` : one.label;
}

function isFull(one: Space): boolean {
  return one.quota !== null && one.used >= 0.9 * one.quota;
}

function Bounding({ of, onClose }: { of: Space; onClose: () => void }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(of.quota === null ? "" : String(of.quota / A_GIGABYTE));
  const set = useDoing((quota: number | null) => api.put(`/a/keycell/admin/storage/spaces/${encodeURIComponent(of.space_id)}/quota`, { quota }), ["storage"], t`The quota is set.`);
  const bytes = typed.trim() === "" ? null : Math.round(Number(typed) * A_GIGABYTE);
  return (
    <form onSubmit={(event) => { event.preventDefault(); set.mutate(bytes, { onSuccess: onClose }); }}>
      <Stack>
        <Text><bdi>{of.label}</bdi>{of.owner && <> · <bdi>{of.owner}</bdi></>} · <Trans>{size(of.used)} used</Trans></Text>
        <TextInput type="number" min="0.001" step="any" max="1000000" label={t`Gigabytes`} description={t`Empty for no bound. What is there stays.`} data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Group justify="flex-end"><Button variant="default" onClick={onClose}><Trans>Cancel</Trans></Button><Button type="submit" loading={set.isPending}><Trans>Save</Trans></Button></Group>
      </Stack>
    </form>
  );
}
