import { Alert, Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconDeviceLaptop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiError } from "../../api";
import { size } from "../../format";
import { useSession } from "../../session";
import { CopyBlock } from "../../shell/CopyBlock";
import { Asked, Nothing, Page, Panel, When, Wide } from "../../shell/Page";
import { done, failed } from "../../shell/toast";
import { type Conflict, conflicts, putInPlace } from "./conflicts";
import { useMayWrite, usePlaces } from "./folder";
import { type Node, parentOf, place, under } from "./nodes";
import { SYNCING, syncing } from "./syncing";
import { useTrashing } from "./trashing";

const CONFLICTS = ["list", "conflicts"];
const CHANGED = 412;

/** The devices that keep folders alike, and what two of them changed at once. */
export function SyncPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Sync`} · Keycell`);
  return (
    <div className="k-page">
      <Page title={<Trans>Sync</Trans>} about={<Trans>Folders on your computers that are kept as they are here.</Trans>}>
        <Conflicts />
        <Devices />
        <Setting />
      </Page>
    </div>
  );
}

function Conflicts() {
  const found = useQuery({ queryKey: CONFLICTS, queryFn: ({ signal }) => conflicts(signal) });
  return (
    <Panel title={<Trans>Changed in two places</Trans>}>
      <Text size="sm" c="dimmed">
        <Trans>Where two devices changed a file before they heard of each other, both are kept: one has its name, the other stands beside it. What you do not choose can be brought back, from the versions or the trash.</Trans>
      </Text>
      <Asked of={found}>
        {(all) => (all.length === 0 ? <Nothing><Trans>Nothing to decide.</Trans></Nothing> : (
          <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
            {all.map((one) => <Choice key={one.copy.id} conflict={one} />)}
          </Stack>
        ))}
      </Asked>
    </Panel>
  );
}

/** One of them: both files, each to be looked at and to be kept. */
function Choice({ conflict }: { conflict: Conflict }) {
  const { t } = useLingui();
  const { copy, other, name, device } = conflict;
  const queries = useQueryClient();
  const placeOf = usePlaces();
  const toTrash = useTrashing(() => undefined);
  const mayWrite = useMayWrite()(copy.path);
  const keep = useMutation({
    mutationFn: async () => (other === null ? place(copy.id, under(parentOf(copy.path), name)) : putInPlace(conflict)),
    onSuccess: () => (other === null ? done(<Trans>“{name}” has its name again</Trans>) : toTrash([copy])),
    onError: (error) => failed(error instanceof ApiError && error.status === CHANGED ? new Error(t`One of them was changed meanwhile. Look at them again.`) : error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["list"] }),
  });
  return (
    <li data-testid="conflict">
      <Text fw={600} style={{ overflowWrap: "anywhere" }}><bdi>{name}</bdi></Text>
      <Text size="xs" c="dimmed" mb={4}><bdi>{placeOf(parentOf(copy.path))}</bdi></Text>
      <Wide>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th><Trans>Which</Trans></Table.Th>
              <Table.Th><Trans>Size</Trans></Table.Th>
              <Table.Th><Trans>Changed</Trans></Table.Th>
              <Table.Th><span className="k-hidden"><Trans>Actions</Trans></span></Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Which node={copy} label={t`set aside by ${device}`} keep={other === null ? t`Give it its name back` : t`Keep this one`} isOff={!mayWrite || keep.isPending} onKeep={() => keep.mutate()} />
            {other !== null && <Which node={other} label={t`under its own name`} keep={t`Keep this one`} isOff={!mayWrite || keep.isPending} onKeep={() => toTrash([copy])} />}
          </Table.Tbody>
        </Table>
      </Wide>
    </li>
  );
}

function Which({ node, label, keep, isOff, onKeep }: { node: Node; label: string; keep: string; isOff: boolean; onKeep: () => void }) {
  return (
    <Table.Tr>
      <Table.Td miw={140}>
        <Anchor size="sm" renderRoot={(props) => <Link to="/files/$" params={{ _splat: parentOf(node.path) }} search={{ item: node.name }} {...props} />}>
          <bdi>{label}</bdi>
        </Anchor>
      </Table.Td>
      <Table.Td>{size(node.size)}</Table.Td>
      <Table.Td><When at={new Date(node.changedAt * 1000).toISOString()} /></Table.Td>
      <Table.Td>
        <Group justify="flex-end">
          <Button size="compact-sm" variant="default" disabled={isOff} aria-label={`${keep}: ${node.name}`} onClick={onKeep}>{keep}</Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Devices() {
  const found = useQuery({ queryKey: SYNCING, queryFn: ({ signal }) => syncing(signal) });
  return (
    <Panel title={<Trans>Computers</Trans>}>
      <Asked of={found}>
        {(all) => (all.length === 0 ? <Nothing><Trans>No computer of yours is signed in by keycell or another client of ours.</Trans></Nothing> : (
          <>
            <Stack component="ul" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {all.map((one) => (
                <Group key={one.id} component="li" wrap="nowrap" align="flex-start">
                  <IconDeviceLaptop aria-hidden style={{ flexShrink: 0 }} />
                  <div style={{ minWidth: 0 }}>
                    <Text truncate><bdi>{one.device || one.label}</bdi></Text>
                    <Text size="xs" c="dimmed">
                      <bdi>{one.label}</bdi>{" · "}<Trans>last seen</Trans>{" "}<When at={one.seen_at} />
                    </Text>
                  </div>
                </Group>
              ))}
            </Stack>
            <Text size="sm" c="dimmed">
              <Trans>Which folders a computer keeps is set there, and shown by keycell sync status. One that is lost is signed out under</Trans>{" "}
              <Anchor size="sm" renderRoot={(props) => <Link to="/account/sessions" {...props} />}><Trans>Sessions and devices</Trans></Anchor>.
            </Text>
          </>
        ))}
      </Asked>
    </Panel>
  );
}

/** The commands that set a computer up, with this server's own address. */
function Setting() {
  const { t } = useLingui();
  const { public_url } = useSession();
  const commands = [`pip install keycell`, `keycell login ${public_url}`, `keycell sync add ~/Keycell :personal-files`, `keycell sync run --watch`];
  return (
    <Panel title={<Trans>Set up a computer</Trans>}>
      <Text size="sm" c="dimmed"><Trans>Windows, macOS and Linux; Python 3.11 or later has to be there.</Trans></Text>
      <CopyBlock label={t`In a terminal`} text={commands.join("\n")} />
      <Alert variant="light" color="gray"><Trans>The last command goes on until you end it; what changes on either side is on the other within seconds.</Trans></Alert>
    </Panel>
  );
}
