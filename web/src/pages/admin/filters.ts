/** What the trail is narrowed by, as it stands in the address and as the server is asked. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export const FILTERS = ["who", "action", "client_id", "result", "ip", "period", "from", "to"] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

const HOUR = 3_600_000;
export const PERIODS: Readonly<Record<string, { readonly label: MessageDescriptor; readonly ms: number }>> = {
  "1h": { label: msg`The last hour`, ms: HOUR },
  "24h": { label: msg`The last 24 hours`, ms: 24 * HOUR },
  "7d": { label: msg`The last 7 days`, ms: 168 * HOUR },
  "30d": { label: msg`The last 30 days`, ms: 720 * HOUR },
};

/** A period ends now; days are those of the reader's zone. */
export function asQuery(filters: Filters, before = "", now = Date.now()): URLSearchParams {
  const { period = "", from, to, ...words } = filters;
  const query = new URLSearchParams(words);
  const lasts = PERIODS[period]?.ms;
  if (lasts !== undefined) query.set("from_at", new Date(now - lasts).toISOString());
  if (period === "days" && from) query.set("from_at", midnight(from, 0));
  if (period === "days" && to) query.set("until_at", midnight(to, 1));
  if (before) query.set("before", before);
  return query;
}

function midnight(day: string, later: number): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}
