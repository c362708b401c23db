import { Stack } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { Happened, type Happening } from "../../shell/Happened";
import { Nothing } from "../../shell/Page";

export interface Event extends Happening {
  readonly event_id: string;
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
      {events.map((one) => <Happened key={one.event_id} of={one}><bdi>{[one.action, one.origin.ip].filter(Boolean).join(" · ")}</bdi></Happened>)}
    </Stack>
  );
}
