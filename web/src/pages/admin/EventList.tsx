import { Badge, Group, Stack, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { Nothing, When } from "../../shell/Page";

export interface Event {
  readonly event_id: string;
  readonly at: string;
  readonly action: string;
  readonly sentence: string;
  readonly result: string;
  readonly client_name: string;
  readonly origin: { readonly ip: string; readonly request_id: string };
}
export interface Events {
  readonly items: readonly Event[];
  readonly next: string | null;
  readonly since?: string | null;
}

/** What happened, as sentences. */
export function EventList({ events }: { events: readonly Event[] }) {
  if (events.length === 0) return <Nothing><Trans>Nothing.</Trans></Nothing>;
  return (
    <Stack component="ol" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
      {events.map((one) => (
        <Group key={one.event_id} component="li" justify="space-between" wrap="nowrap" align="flex-start" data-action={one.action}>
          <div>
            <Group gap="xs"><Text><bdi>{one.sentence}</bdi></Text>{one.result === "refused" && <Badge color="red" variant="light"><Trans>refused</Trans></Badge>}</Group>
            <Text size="sm" c="dimmed"><bdi>{[one.action, one.origin.ip].filter(Boolean).join(" · ")}</bdi></Text>
          </div>
          <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}><When at={one.at} /></Text>
        </Group>
      ))}
    </Stack>
  );
}
