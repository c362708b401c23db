import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Nothing, When, Wide } from "../../shell/Page";
import { useMay } from "./scopes";

export const TOKENS = "/a/keycell/account/tokens";

export interface Held {
  readonly token_id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly expires_at: string;
  /** So many seconds unused end it. */
  readonly auto_refresh: number | null;
  readonly last_used_at: string | null;
  readonly last_used_ip: string | null;
  readonly is_s3: boolean;
  readonly is_own: boolean;
  /** Whoever made it administers no longer: it opens nothing. */
  readonly is_held: boolean;
  readonly is_over: boolean;
}

export function Tokens({ items, onRenew }: { items: readonly Held[]; onRenew: (one: Held) => void }) {
  const { t } = useLingui();
  const may = useMay();
  const end = useDoing((one: Held) => api.delete(`${TOKENS}/${encodeURIComponent(one.token_id)}`), ["tokens", "security"], t`It opens nothing any more.`);
  if (items.length === 0) return <Nothing><Trans>You have no access token</Trans></Nothing>;
  return (
    <Wide>
      <Table verticalSpacing="sm">
        <Table.Thead><Table.Tr><Table.Th><Trans>For</Trans></Table.Th><Table.Th><Trans>It may</Trans></Table.Th><Table.Th><Trans>Ends</Trans></Table.Th><Table.Th><Trans>Last used</Trans></Table.Th><Table.Td /></Table.Tr></Table.Thead>
        <Table.Tbody>
          {items.map((one) => (
            <Table.Tr key={one.token_id} data-testid="token">
              <Table.Td><bdi>{one.label}</bdi> <Marks of={one} /></Table.Td>
              <Table.Td><Text size="sm" c="dimmed" span>{one.scopes.map(may).join(", ")}</Text></Table.Td>
              <Table.Td><When at={one.expires_at} />{one.auto_refresh !== null && <Text size="xs" c="dimmed"><Trans>later with each use</Trans></Text>}</Table.Td>
              <Table.Td>{one.last_used_at === null ? <Trans>never</Trans> : <When at={one.last_used_at} />}{one.last_used_ip !== null && <Text size="xs" c="dimmed"><bdi>{one.last_used_ip}</bdi></Text>}</Table.Td>
              <Table.Td ta="end">
                <Group gap="xs" justify="flex-end" wrap="nowrap">
                  <Button size="xs" variant={one.is_over ? "filled" : "default"} aria-label={t`Renew the token ${one.label}`} onClick={() => onRenew(one)}><Trans>Renew</Trans></Button>
                  {one.is_over
                    ? <Button size="xs" variant="default" aria-label={t`Remove the token ${one.label}`} onClick={() => end.mutate(one)}><Trans>Remove</Trans></Button>
                    : <Button size="xs" variant="default" aria-label={t`End the token ${one.label}`} onClick={() => end.mutate(one)}><Trans>End</Trans></Button>}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Marks({ of: one }: { of: Held }) {
  return (
    <>
      {one.is_over && <Badge color="red" variant="light"><Trans>ended</Trans></Badge>}
      {one.is_held && <Badge color="yellow" variant="light"><Trans>held</Trans></Badge>}
      {one.is_s3 && <Badge color="gray" variant="light">S3</Badge>}
      {!one.is_own && <Text size="xs" c="dimmed"><Trans>made by an administrator</Trans></Text>}
    </>
  );
}
