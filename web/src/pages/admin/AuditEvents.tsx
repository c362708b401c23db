/** The events that are looked for, and those that follow while one looks. */
import { Badge, Button, Group } from "@mantine/core";
import { useDocumentVisibility } from "@mantine/hooks";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import classes from "./Audit.module.css";
import { type Event, EventList } from "./EventList";
import { useHeard } from "./heard";

const MOST_HEARD = 500;
/** Earlier than any event: where the list has none, all that is found follows it. */
const FIRST = "0";

/** `at` is where what follows is told; nothing follows a time that is over. */
export function AuditEvents({ events, at }: { events: readonly Event[]; at: string | null }) {
  const { t } = useLingui();
  const [isPaused, setPaused] = useState(false);
  const isSeen = useDocumentVisibility() !== "hidden";
  const { heard, isLive } = useHeard(isPaused || !isSeen ? null : at, events[0]?.event_id ?? FIRST, MOST_HEARD);
  const list = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState("");
  const newest = heard[0]?.event_id ?? "";
  useEffect(() => {
    // What somebody reads, has opened or points at stays where it is.
    if (list.current && !isRead(list.current)) setShown(newest);
  }, [newest]);
  const known = new Set(events.map((one) => one.event_id));
  const fresh = heard.filter((one) => !known.has(one.event_id));
  const held = fresh.filter((one) => one.event_id > shown).length;
  const show = () => {
    setShown(newest);
    if (list.current && list.current.getBoundingClientRect().top < 0) list.current.scrollIntoView({ block: "center" });
  };
  return (
    <div ref={list}>
      {at !== null && (
        <Group className={classes.live} justify="space-between">
          <Group gap="xs">
            <Button size="compact-sm" variant="default" leftSection={isPaused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />} onClick={() => setPaused(!isPaused)}>
              {isPaused ? <Trans>Go on</Trans> : <Trans>Pause</Trans>}
            </Button>
            {isPaused ? <Badge color="gray" variant="light"><Trans>paused</Trans></Badge> : isLive && <Badge color="green" variant="light"><Trans>live</Trans></Badge>}
          </Group>
          <span role="status">{held > 0 && <Button size="compact-sm" variant="light" onClick={show}>{t`${plural(held, { one: "# new event", other: "# new events" })}`}</Button>}</span>
        </Group>
      )}
      <EventList events={[...fresh.filter((one) => one.event_id <= shown), ...events]} />
    </div>
  );
}

function isRead(list: HTMLElement): boolean {
  return list.getBoundingClientRect().top < 0 || list.querySelector("details[open], ol:hover, ol :focus-visible") !== null;
}
