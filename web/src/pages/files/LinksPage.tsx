import { Alert, Anchor, Badge, Button, Card, Checkbox, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconLink } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { said } from "../../api";
import { useSession } from "../../session";
import { day } from "../../format";
import { ChooseAll } from "../../shell/ChooseAll";
import { Confirm } from "../../shell/Confirm";
import { CopyText } from "../../shell/CopyText";
import { When, Wide } from "../../shell/Page";
import { useEndLink } from "./ending";
import { useSpaces } from "./folder";
import { type Cell, endCell, endLink, mayBeToFolder, readLink, type ShareLink, shares } from "./sharing";
import { later } from "../../later";
import { failed } from "../../shell/toast";

const load = later(() => import("./dialogs/ChangeLink"), "dialogs");
const ChangeLink = lazy(() => load().then((found) => ({ default: found.ChangeLink })));

/** Everything the person shares. */
export function LinksPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Shared by me`} · Keycell`);
  const found = useQuery({ queryKey: ["shares"], queryFn: shares });
  const isNone = found.data?.links.length === 0 && found.data.cells.length === 0;
  return (
    <div className="k-page">
      <Stack gap="lg">
        <Title order={1} size="h2">
          <Trans>Shared by me</Trans>
        </Title>
        {found.error !== null && <Alert color="red">{said(found.error)}</Alert>}
        {found.isPending && <Skeleton height={160} radius="lg" />}
        {isNone && (
          <Card className="k-card" padding="xl">
            <Stack align="center" gap="xs">
              <IconLink size={48} stroke={1.2} aria-hidden />
              <Text fw={600}>
                <Trans>Nothing is shared</Trans>
              </Text>
              <Text c="dimmed" size="sm" ta="center">
                <Trans>Choose a file or folder and press Share.</Trans>
              </Text>
            </Stack>
          </Card>
        )}
        {(found.data?.links.length ?? 0) > 0 && <Links links={found.data?.links ?? []} />}
        {(found.data?.cells.length ?? 0) > 0 && <Cells cells={found.data?.cells ?? []} />}
      </Stack>
    </div>
  );
}

function Links({ links }: { links: readonly ShareLink[] }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const end = useEndLink();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setAsking] = useState(false);
  const [changed, setChanged] = useState<ShareLink | null>(null);
  const meant = links.filter((link) => chosen.has(link.Uuid));
  const endAll = useMutation({
    mutationFn: async () => {
      for (const link of meant) await endLink(link);
    },
    onError: failed,
    onSettled: async () => {
      setChosen(new Set());
      await queries.invalidateQueries({ queryKey: ["shares"] });
    },
  });
  const change = useMutation({ mutationFn: readLink, onSuccess: setChanged, onError: failed });
  const turn = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const [now] = useState(() => Date.now() / 1000);
  return (
    <Card className="k-card" padding="lg">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          <Trans>Public links</Trans>
        </Title>
        <Button variant="default" size="compact-sm" disabled={meant.length === 0} loading={endAll.isPending} onClick={() => setAsking(true)}>
          <Trans>End the chosen</Trans>
        </Button>
      </Group>
      <Confirm opened={isAsking} title={t`End the chosen`} action={t`End the chosen`} onClose={() => setAsking(false)} onYes={() => endAll.mutate()}>
        <Plural value={meant.length} one="# link will lead nowhere, from this moment on." other="# links will lead nowhere, from this moment on." />
      </Confirm>
      {changed !== null && <Suspense fallback={null}><ChangeLink link={changed} isFolder={mayBeToFolder(changed)} onClose={() => setChanged(null)} /></Suspense>}
      <Wide>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={36}>
                <ChooseAll size="xs" chosen={meant.length} of={links.length} onChoose={(isAll) => setChosen(new Set(isAll ? links.map((link) => link.Uuid) : []))} />
              </Table.Th>
              <Table.Th>
                <Trans>Name</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Address</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Until</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Downloads</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Last download</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Actions</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {links.map((link) => {
              const until = Number(link.AccessEnd);
              return (
                <Table.Tr key={link.Uuid}>
                  <Table.Td>
                    <Checkbox size="xs" aria-label={t`Choose ${link.Label}`} checked={chosen.has(link.Uuid)} onChange={() => turn(link.Uuid)} />
                  </Table.Td>
                  <Table.Td miw={140}>
                    <bdi>{link.Label}</bdi>
                  </Table.Td>
                  <Table.Td maw={200}>
                    <CopyText text={link.LinkUrl} />
                  </Table.Td>
                  <Table.Td>
                    {until === 0 ? <Trans>without an end</Trans> : day(until)}{" "}
                    {until !== 0 && until < now && (
                      <Badge color="red" variant="light">
                        <Trans>Over</Trans>
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {link.MaxDownloads === "0" ? link.CurrentDownloads : <Trans>{link.CurrentDownloads} of {link.MaxDownloads}</Trans>}
                  </Table.Td>
                  <Table.Td>{link.LastUsed === "0" ? <Trans>never</Trans> : <When at={new Date(Number(link.LastUsed) * 1000).toISOString()} />}</Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>
                    <Button variant="subtle" size="compact-sm" aria-label={t`Change ${link.Label}`} loading={change.isPending && change.variables === link} onClick={() => change.mutate(link)}>
                      <Trans>Change</Trans>
                    </Button>
                    <Button variant="subtle" color="red" size="compact-sm" onClick={() => end(link)}>
                      <Trans>End</Trans>
                    </Button>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

function Cells({ cells }: { cells: readonly Cell[] }) {
  const { t } = useLingui();
  const { login } = useSession();
  const queries = useQueryClient();
  const spaces = useSpaces().data;
  const [meant, setMeant] = useState<Cell | null>(null);
  const end = useMutation({
    mutationFn: endCell,
    onError: failed,
    onSettled: async () => {
      setMeant(null);
      await Promise.all(["shares", "spaces"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  const others = (cell: Cell) => Object.values(cell.ACLs).filter((one) => one.User?.Login !== login).length;
  const slugOf = (cell: Cell) => spaces?.find((space) => space.root === cell.RootNodes[0]?.Uuid)?.slug;
  return (
    <Card className="k-card" padding="lg">
      <Title order={2} size="h4" mb="sm">
        <Trans>Folders you share</Trans>
      </Title>
      <Confirm opened={meant !== null} title={t`Share it no longer?`} action={t`End`} onClose={() => setMeant(null)} onYes={() => meant !== null && end.mutate(meant)}>
        <Trans>Whom you let into “{meant?.Label ?? ""}” is let in no longer. The files stay where they are.</Trans>
      </Confirm>
      <Stack gap="xs">
        {cells.map((cell) => {
          const slug = slugOf(cell);
          return (
            <Group key={cell.Uuid} justify="space-between" wrap="nowrap">
              <div>
                {slug === undefined ? (
                  <Text><bdi>{cell.Label}</bdi></Text>
                ) : (
                  <Anchor renderRoot={(props) => <Link to="/files/$" params={{ _splat: slug }} {...props} />}>
                    <bdi>{cell.Label}</bdi>
                  </Anchor>
                )}
                <Text size="xs" c="dimmed">
                  <Plural value={others(cell)} one="# person" other="# people" />
                </Text>
              </div>
              <Button variant="subtle" color="red" size="compact-sm" aria-label={t`End: ${cell.Label}`} onClick={() => setMeant(cell)}>
                <Trans>End</Trans>
              </Button>
            </Group>
          );
        })}
      </Stack>
    </Card>
  );
}
