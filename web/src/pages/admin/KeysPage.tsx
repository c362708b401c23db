import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel, When } from "../../shell/Page";
import { To } from "../../shell/To";
import { RevokeKey } from "./RevokeKey";
import { type Key, colorOf, opens, useKeyState } from "./keyStates";

interface Reader {
  readonly client_id: string;
  readonly client_name: string;
  readonly ip: string;
  readonly at: string;
}

export default function KeysPage() {
  const { t } = useLingui();
  const [asks, setAsks] = useState(false);
  const [leaked, setLeaked] = useState<Key | null>(null);
  const found = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => api.get<{ items: Key[]; ahead_hours: number }>("/a/keycell/admin/keys", { signal }) });
  const rotate = useDoing(() => api.post("/a/keycell/admin/keys/rotate", {}), ["keys"], t`The next keys sign now.`);
  const stateOf = useKeyState();
  return (
    <Page title={<Trans>Signing keys</Trans>} about={<Trans>A key is published before it signs, and for a week after: applications always know it. They change by themselves every 90 days.</Trans>}
      actions={<Button variant="default" onClick={() => setAsks(true)}><Trans>Rotate</Trans></Button>}>
      <Panel>
        <Asked of={found}>
          {(data) => (
            <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {data.items.toSorted((one, other) => one.alg.localeCompare(other.alg)).map((one) => (
                <Group key={one.kid} component="li" justify="space-between" align="flex-start" style={{ gap: "0.25rem var(--mantine-spacing-md)" }}>
                  <div className="k-most">
                    <Text fw={600}>{one.alg}</Text>
                    <Text size="sm" c="dimmed"><bdi>{one.kid}</bdi></Text>
                    <Text size="sm" c="dimmed">
                      {opens(one) ? <Trans>made</Trans> : <Trans>published</Trans>} <When at={one.created_at} />
                      {one.activated_at && <> · {opens(one) ? <Trans>opens since</Trans> : <Trans>signs since</Trans>} <When at={one.activated_at} /></>}
                      {one.retired_at && <> · {one.state === "revoked" ? <Trans>revoked</Trans> : opens(one) ? <Trans>published until</Trans> : <Trans>signed until</Trans>} <When at={one.retired_at} /></>}
                    </Text>
                  </div>
                  <Group gap="xs">
                    <Badge variant="light" color={colorOf(one.state)}>{stateOf(one)}</Badge>
                    {one.state !== "revoked" && <Button size="compact-sm" color="red" variant="subtle" aria-label={t`Revoke ${one.kid}`} onClick={() => setLeaked(one)}><Trans>Revoke</Trans></Button>}
                  </Group>
                </Group>
              ))}
            </Stack>
          )}
        </Asked>
        {found.data && <Text size="sm" c="dimmed">{plural(found.data.ahead_hours, { one: "A key signs once it has been published for # hour.", other: "A key signs once it has been published for # hours." })} <Trans>The setting keys_ahead says so, 1 hour at least; what caches our keys for longer must be waited for.</Trans></Text>}
        <Group><a className="k-link" href="/oidc/.well-known/jwks.json"><Trans>The published document</Trans></a></Group>
      </Panel>
      <Panel title={<Trans>Who fetched them</Trans>}><Readers /></Panel>
      <Confirm opened={asks} title={t`Let the next keys sign?`} action={t`Rotate`} onClose={() => setAsks(false)} onYes={() => rotate.mutate(undefined)}>
        <Trans>It is refused while the next keys are published for too short a time. Nobody notices anything.</Trans>
      </Confirm>
      {leaked && <RevokeKey of={leaked} onClose={() => setLeaked(null)} />}
    </Page>
  );
}

function Readers() {
  const found = useQuery({ queryKey: ["keys", "readers"], queryFn: ({ signal }) => api.get<{ items: Reader[] }>("/a/keycell/admin/key-readers", { signal }) });
  return (
    <>
      <Text size="sm" c="dimmed"><Trans>Applications that prove who they are, by the address from which they ask for tokens. Who fetches from elsewhere is not recognised.</Trans></Text>
      <Asked of={found}>
        {(data) => data.items.length === 0 ? <Nothing><Trans>Nothing heard yet.</Trans></Nothing> : (
          <Stack component="ul" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
            {data.items.map((one) => (
              <Group key={`${one.client_id} ${one.ip}`} component="li" justify="space-between" style={{ gap: "0 var(--mantine-spacing-md)" }}>
                <Text><To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.client_name || one.client_id}</bdi></To></Text>
                <Text size="sm" c="dimmed"><bdi>{one.ip}</bdi> · <When at={one.at} /></Text>
              </Group>
            ))}
          </Stack>
        )}
      </Asked>
    </>
  );
}
