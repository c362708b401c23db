import { Badge, Code, Table, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Asked, Page, Panel, Wide } from "../../shell/Page";

interface Setting {
  readonly setting: string;
  readonly variable: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly source: "start" | "default";
}

export default function SettingsPage() {
  const { t } = useLingui();
  const [wanted, setWanted] = useState("");
  const found = useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => api.get<{ items: Setting[] }>("/a/keycell/admin/settings", { signal }) });
  return (
    <Page title={<Trans>Settings</Trans>} about={<Trans>They are given when the server starts, by an option or a variable, and cannot be changed here.</Trans>}>
      <Panel>
        <TextInput label={t`Search`} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
        <Asked of={found}>
          {(data) => (
            <Wide from={560}>
              <Table verticalSpacing="sm">
                <Table.Thead><Table.Tr><Table.Th><Trans>Setting</Trans></Table.Th><Table.Th><Trans>Value</Trans></Table.Th><Table.Th><Trans>Default</Trans></Table.Th><Table.Th><Trans>From</Trans></Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {data.items.filter((one) => `${one.setting} ${one.variable}`.toLowerCase().includes(wanted.toLowerCase())).map((one) => (
                    <Table.Tr key={one.setting}>
                      <Table.Td><Text fw={600} size="sm">{one.setting}</Text><Text size="xs" c="dimmed">{one.variable}</Text></Table.Td>
                      <Table.Td><Code style={{ overflowWrap: "anywhere" }}>{written(one.value)}</Code></Table.Td>
                      <Table.Td><Text size="sm" c="dimmed">{written(one.default)}</Text></Table.Td>
                      <Table.Td>{one.source === "start" ? <Badge variant="light"><Trans>given at start</Trans></Badge> : <Badge variant="default"><Trans>default</Trans></Badge>}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          )}
        </Asked>
      </Panel>
    </Page>
  );
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.join(", ");
  return value === "" || value === null || value === undefined ? "—" : String(value);
}
