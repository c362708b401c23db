/** Events as they happen, told by the server. */
import { useEffect, useState } from "react";
import type { Event } from "./EventList";

/** The latest first, so many at most, beyond the event that is named. No address: nobody listens. */
export function useHeard(at: string | null, since: string | undefined, most: number) {
  const [heard, setHeard] = useState<readonly Event[]>([]);
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (at === null) return undefined;
    const from = heard[0]?.event_id ?? since;
    const stream = new EventSource(`${at}${at.includes("?") ? "&" : "?"}${new URLSearchParams(from ? { since: from } : {})}`);
    stream.addEventListener("open", () => setLive(true));
    // It comes back by itself, unless the server refused.
    stream.addEventListener("error", () => setLive(stream.readyState !== EventSource.CLOSED));
    stream.addEventListener("message", ({ data }) => {
      const event = JSON.parse(data as string) as Event;
      setHeard((before) => (before.some((one) => one.event_id === event.event_id) ? before : [event, ...before].slice(0, most)));
    });
    return () => {
      stream.close();
      setLive(false);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the stream goes on from where it is, whatever the list is asked
  }, [at]);
  return { heard, isLive };
}
