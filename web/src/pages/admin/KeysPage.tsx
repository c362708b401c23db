import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel, When } from "../../shell/Page";
import { type Key, colorOf, useKeyStates } from "./keyStates";

export default function KeysPage() {
  const { t } = useLingui();
  const [asks, setAsks] = useState<"" | "rotate" | "urgent">("");
  const found = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => api.get<{ items: Key[] }>("/a/keycell/admin/keys", { signal }) });
  const rotate = useDoing((is_urgent: boolean) => api.post("/a/keycell/admin/keys/rotate", { is_urgent }), ["keys"], t`The next keys sign now.`);
  const states = useKeyStates();
  return (
    <Page title={<Trans>Signing keys</Trans>} about={<Trans>A key is published for a day before it signs, and for a week after: applications always know it. They change by themselves every 90 days.</Trans>}
      actions={<Group><Button variant="default" onClick={() => setAsks("rotate")}><Trans>Rotate</Trans></Button><Button color="red" variant="light" onClick={() => setAsks("urgent")}><Trans>A key leaked</Trans></Button></Group>}>
      <Panel>
        <Asked of={found}>
          {(data) => (
            <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {data.items.toSorted((one, other) => one.alg.localeCompare(other.alg)).map((one) => (
                <Group key={one.kid} component="li" justify="space-between" align="flex-start" style={{ gap: "0.25rem var(--mantine-spacing-md)" }}>
                  <div className="k-most">
                    <Text fw={600}>{one.alg}</Text>
                    <Text size="sm" c="dimmed"><bdi>{one.kid}</bdi></Text>
                    <Text size="sm" c="dimmed"><Trans>published</Trans> <When at={one.created_at} />{one.activated_at && <> · <Trans>signs since</Trans> <When at={one.activated_at} /></>}</Text>
                  </div>
                  <Badge variant="light" color={colorOf(one.state)}>{states[one.state]}</Badge>
                </Group>
              ))}
            </Stack>
          )}
        </Asked>
        <Group><a className="k-link" href="/oidc/.well-known/jwks.json"><Trans>The published document</Trans></a></Group>
      </Panel>
      <Confirm opened={asks !== ""} title={t`Let the next keys sign?`} action={t`Rotate`} onClose={() => setAsks("")} onYes={() => rotate.mutate(asks === "urgent")} typed={asks === "urgent" ? "urgent" : undefined}>
        {asks === "urgent"
          ? <Trans>The next keys sign at once, though applications may not have fetched them yet: until they do, some sign-ins fail.</Trans>
          : <Trans>It is refused while the next keys are published for less than a day. Nobody notices anything.</Trans>}
      </Confirm>
    </Page>
  );
}
