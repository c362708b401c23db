/** What an application did lately, and does: told by the server as it happens. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api";
import type { Event, Events } from "./EventList";

const SHOWN = 20;
const ASKED_EVERY = 2000;

/** The latest first. Where the stream cannot be had, it is asked for every two seconds. */
export function useClientLog(clientId: string) {
  const at = `/a/keycell/admin/clients/${encodeURIComponent(clientId)}`;
  const [heard, setHeard] = useState<readonly Event[]>([]);
  const [isLive, setLive] = useState(false);
  const log = useQuery({ queryKey: ["log", clientId], refetchInterval: isLive ? false : ASKED_EVERY, queryFn: ({ signal }) => api.get<Events>(`${at}/log?most=${SHOWN}`, { signal }) });
  const since = log.data?.since;
  const begins = log.data !== undefined;
  useEffect(() => {
    if (!begins) return undefined;
    const stream = new EventSource(`/web${at}/events?${new URLSearchParams(since ? { since } : {})}`);
    stream.addEventListener("open", () => setLive(true));
    // It comes back by itself, unless the server refused: then the list is asked for again, and signs in if it must.
    stream.addEventListener("error", () => setLive(stream.readyState !== EventSource.CLOSED));
    stream.addEventListener("message", ({ data }) => {
      const event = JSON.parse(data as string) as Event;
      setHeard((before) => (before.some((one) => one.event_id === event.event_id) ? before : [event, ...before].slice(0, SHOWN)));
    });
    return () => stream.close();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the stream goes on from where it is, whatever the list is asked
  }, [at, begins]);
  const known = new Set(heard.map((one) => one.event_id));
  const events = [...heard, ...(log.data?.items ?? []).filter((one) => !known.has(one.event_id))].slice(0, SHOWN);
  return { events, error: log.error, isLive };
}
