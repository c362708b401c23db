import { Badge, Button, Group, Loader, Stack, Text, ThemeIcon } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCheck, IconX } from "@tabler/icons-react";
import { Failed, Panel } from "../../shell/Page";
import type { Client } from "./ClientsPage";
import { To } from "../../shell/To";
import { useClientLog } from "./clientLog";
import { EventList } from "./EventList";

/** Opens the application in a window of its own, and shows each step of a real sign-in as it happens. */
export function FirstSignIn({ client }: { client: Client }) {
  const { t } = useLingui();
  const { events: seen, error, isLive } = useClientLog(client.client_id);
  const address = client.client_uri ?? originOf(client.redirect_uris?.[0]);
  const has = (action: string) => seen.some((one) => one.action === action);
  const refused = has("client.refused") && !has("grant.exchanged");
  return (
    <Panel title={<Trans>Try it</Trans>}>
      <Text><Trans>Sign in to the application, in a window of its own: each step is shown here as it happens.</Trans></Text>
      <Group>
        {address !== undefined && <Button onClick={() => window.open(address, "_blank", "popup,width=520,height=760,noopener")}><Trans>Open the application</Trans></Button>}
        <Button variant="default" renderRoot={(props) => <To to={`/admin/applications/${encodeURIComponent(client.client_id)}/try`} {...props} />}><Trans>Try it from here, step by step</Trans></Button>
      </Group>
      <Stack component="ol" gap="xs" style={{ listStyle: "none", padding: 0, margin: 0 }} aria-live="polite">
        <Step isDone={has("grant.started")} label={t`Somebody signed in here and was sent back to the application`} />
        <Step isDone={has("grant.exchanged")} isBad={refused} label={t`The application proved who it is and exchanged its code`} />
      </Stack>
      {refused && <Text c="red"><Trans>The application showed a wrong secret, or authenticates in another way than it was registered with. Paste the block again.</Trans></Text>}
      {error && <Failed error={error} />}
      <Group gap="xs">
        <Text fw={600}><Trans>What it does, as it happens</Trans></Text>
        {isLive && <Badge color="green" variant="light"><Trans>live</Trans></Badge>}
      </Group>
      {!has("grant.started") && !has("client.refused") && <Text c="dimmed"><Trans>Waiting for the first sign-in…</Trans></Text>}
      {seen.length > 0 && <EventList events={seen} />}
    </Panel>
  );
}

/** Where an application is that did not say so: where it is answered. */
function originOf(uri: string | undefined): string | undefined {
  return uri?.startsWith("http") ? new URL(uri).origin : undefined;
}

function Step({ isDone, isBad = false, label }: { isDone: boolean; isBad?: boolean; label: string }) {
  const { t } = useLingui();
  return (
    <Group component="li" wrap="nowrap">
      {isDone || isBad ? (
        <ThemeIcon radius="xl" size="sm" variant="light" color={isBad ? "red" : "green"} role="img" aria-label={isBad ? t`refused` : t`done`}>
          {isBad ? <IconX size={14} /> : <IconCheck size={14} />}
        </ThemeIcon>
      ) : <Loader size={18} aria-label={t`waiting`} role="img" />}
      <Text>{label}</Text>
    </Group>
  );
}
