import { Loader, Table, Text } from "@mantine/core";
import { Plural, Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { count, size } from "../../../format";
import type { Node } from "../nodes";
import { readDirectory } from "../zip";
import classes from "./Preview.module.css";

/** What lies in a zip, without unpacking it: its directory alone is read. */
export function Zip({ node, href }: { node: Node; href: string }) {
  const found = useQuery({
    queryKey: ["zip", href, node.changedAt],
    queryFn: ({ signal }) => readDirectory(href, node.size, signal),
    gcTime: 0,
    retry: false,
  });
  if (found.error !== null) {
    return (
      <Text c="red">
        <Trans>This is no zip, or only the beginning of one.</Trans>
      </Text>
    );
  }
  if (found.data === undefined) return <Loader />;
  const { entries, total } = found.data;
  return (
    <div className={classes.text} tabIndex={0} role="region" aria-label={node.name}>
      <Text size="sm" c="dimmed" mb="xs">
        <Plural value={total} one="# item" other={`${count(total)} items`} />
      </Text>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Name</Trans>
            </Table.Th>
            <Table.Th ta="end">
              <Trans>Size</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((one, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <Table.Tr key={index}>
              <Table.Td>
                <bdi>{one.name}</bdi>
              </Table.Td>
              <Table.Td ta="end">{one.isFolder ? "" : size(one.size)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {total > entries.length && (
        <Text c="dimmed" size="sm">
          <Trans>This is only the beginning; download the file for the rest.</Trans>
        </Text>
      )}
    </div>
  );
}
