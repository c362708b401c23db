import { Badge, Code, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Asked, Page, Panel } from "../../shell/Page";
import classes from "./Settings.module.css";

interface Setting {
  readonly setting: string;
  readonly variable: string;
  readonly meaning: string;
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
            <Stack component="ul" gap={0} style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {data.items.filter((one) => `${one.setting} ${one.variable} ${one.meaning}`.toLowerCase().includes(wanted.toLowerCase())).map((one) => (
                <li key={one.setting} className={classes.setting}>
                  <div><Text fw={600} size="sm">{one.setting}</Text><Text size="xs" c="dimmed">{one.variable}</Text><Text size="sm">{one.meaning}</Text></div>
                  <div>
                    <Code>{written(one.value)}</Code>
                    {one.source === "start" && <Text size="xs" c="dimmed"><Trans>otherwise <Code>{written(one.default)}</Code></Trans></Text>}
                  </div>
                  {one.source === "start" ? <Badge variant="light"><Trans>given at start</Trans></Badge> : <Badge variant="default"><Trans>default</Trans></Badge>}
                </li>
              ))}
            </Stack>
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
