/** What an application did lately, and does: told by the server as it happens. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import type { Events } from "./EventList";
import { useHeard } from "./heard";

const SHOWN = 20;
const ASKED_EVERY = 2000;

/** The latest first. Where the stream cannot be had, it is asked for every two seconds, and signs in if it must. */
export function useClientLog(clientId: string) {
  const at = `/a/keycell/admin/clients/${encodeURIComponent(clientId)}`;
  const [listens, setListens] = useState(false);
  const log = useQuery({ queryKey: ["log", clientId], refetchInterval: listens ? false : ASKED_EVERY, queryFn: ({ signal }) => api.get<Events>(`${at}/log?most=${SHOWN}`, { signal }) });
  const { heard, isLive } = useHeard(log.data === undefined ? null : `/web${at}/events`, log.data?.since ?? undefined, SHOWN);
  if (listens !== isLive) setListens(isLive);
  const known = new Set(heard.map((one) => one.event_id));
  const events = [...heard, ...(log.data?.items ?? []).filter((one) => !known.has(one.event_id))].slice(0, SHOWN);
  return { events, error: log.error, isLive };
}
