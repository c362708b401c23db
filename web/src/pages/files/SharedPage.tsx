import { Anchor, Card, Group, Table } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconEye, IconPencil, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Asked, Page, When, Wide } from "../../shell/Page";
import classes from "./FilesPage.module.css";
import { useSpaces } from "./folder";
import type { Space } from "./nodes";

/** What others share with the person: what it is, who shares it, and what may be done there. */
export function SharedPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Shared with me`} · Keycell`);
  const spaces = useSpaces();
  return (
    <div className="k-page">
      <Page title={<Trans>Shared with me</Trans>} about={<Trans>Folders that somebody else lets you into.</Trans>}>
        <Asked of={spaces}>{(found) => <Shared cells={found.filter((space) => space.kind === "cell" && !space.is_own)} />}</Asked>
      </Page>
    </div>
  );
}

function Shared({ cells }: { cells: readonly Space[] }) {
  if (cells.length === 0)
    return (
      <div className={classes.empty}>
        <IconUsers size={56} stroke={1.2} aria-hidden />
        <strong>
          <Trans>Nobody shares anything with you yet</Trans>
        </strong>
        <span className={classes.soft}>
          <Trans>What somebody shares with you is found here, as soon as they do.</Trans>
        </span>
      </div>
    );
  return (
    <Card className="k-card" padding="lg">
      <Wide>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th><Trans>Name</Trans></Table.Th>
              <Table.Th><Trans>Shared by</Trans></Table.Th>
              <Table.Th><Trans>What for</Trans></Table.Th>
              <Table.Th><Trans>Since</Trans></Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[...cells].sort((one, other) => other.since.localeCompare(one.since)).map((space) => (
              <Table.Tr key={space.slug}>
                <Table.Td miw={140}>
                  <Anchor size="sm" renderRoot={(props) => <Link to="/files/$" params={{ _splat: space.slug }} {...props} />}>
                    <bdi>{space.label}</bdi>
                  </Anchor>
                </Table.Td>
                <Table.Td>{space.by === "" ? "—" : <bdi>{space.by}</bdi>}</Table.Td>
                <Table.Td><May space={space} /></Table.Td>
                <Table.Td><When at={space.since} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

function May({ space }: { space: Space }) {
  const mayWrite = space.permissions.includes("w");
  return (
    <Group gap={6} wrap="nowrap">
      {mayWrite ? <IconPencil size={16} aria-hidden /> : <IconEye size={16} aria-hidden />}
      {mayWrite ? <Trans>To read and write</Trans> : <Trans>To look at</Trans>}
    </Group>
  );
}
