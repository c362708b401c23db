import { Badge, Code, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import { api } from "../../api";
import { Asked, Page, Panel } from "../../shell/Page";
import { useAsked } from "./asked";
import classes from "./Settings.module.css";

interface Setting {
  readonly setting: string;
  readonly variable: string;
  readonly meaning: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly risk: string | null;
  readonly source: "environment" | "option" | "start" | "default";
}

export default function SettingsPage() {
  const { t } = useLingui();
  const { typed, setTyped } = useAsked();
  const wanted = typed.trim().toLowerCase();
  const found = useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => api.get<{ items: Setting[] }>("/a/keycell/admin/settings", { signal }) });
  return (
    <Page title={<Trans>Settings</Trans>} about={<Trans>They are given when the server starts, by an option or a variable, and cannot be changed here. Who changed one is known to whoever starts the server, and not to the trail.</Trans>}>
      <Panel>
        <TextInput label={t`Search`} type="search" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Asked of={found}>
          {(data) => (
            <Stack component="ul" gap={0} style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {data.items.filter((one) => isMeant(one, wanted)).map((one) => (
                <li key={one.setting} className={classes.setting}>
                  <div><Text fw={600} size="sm">{one.setting}</Text><Text size="xs" c="dimmed">{one.variable}</Text><Text size="sm">{one.meaning}</Text>
                    {one.risk && <Text size="sm" className={classes.risk}><IconAlertTriangle size={16} aria-hidden /> <span>{one.risk}</span></Text>}
                  </div>
                  <div>
                    <Code>{written(one.value)}</Code>
                    {one.source !== "default" && <Text size="xs" c="dimmed"><Trans>otherwise <Code>{written(one.default)}</Code></Trans></Text>}
                  </div>
                  <Source of={one} />
                </li>
              ))}
            </Stack>
          )}
        </Asked>
      </Panel>
    </Page>
  );
}

function isMeant(one: Setting, wanted: string): boolean {
  return `${one.setting} ${one.variable} ${one.meaning} ${one.risk ?? ""}`.toLowerCase().includes(wanted);
}

/** Where it comes from; what was given is locked until the server starts with another value. */
function Source({ of: one }: { of: Setting }) {
  if (one.source === "default") return <Badge variant="default"><Trans>default</Trans></Badge>;
  return (
    <div>
      <Badge variant="light" leftSection={<IconLock size={12} aria-hidden />}>
        {one.source === "environment" ? <Trans>environment</Trans> : one.source === "option" ? <Trans>option</Trans> : <Trans>given at start</Trans>}
      </Badge>
      <Text size="xs" c="dimmed">{one.source === "environment" ? <Trans>Locked: change {one.variable} and start again.</Trans> : <Trans>Locked: start again with another value.</Trans>}</Text>
    </div>
  );
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.join(", ");
  return value === "" || value === null || value === undefined ? "—" : String(value);
}
