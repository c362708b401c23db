/** How long a token is good: so many days, or until the end of a day that somebody chose. */
import { dateOf, endOf } from "../../format";

const DAY = 86_400;

export interface Lasting {
  /** A number of days, or that a day is chosen. */
  readonly days: string;
  readonly date: string;
}

export const CHOSEN = "chosen";
export const USUAL: Lasting = { days: "90", date: "" };

/** As the server is asked for it, in hours where a day is chosen; empty where none is. */
export function durationOf({ days, date }: Lasting, now = Date.now() / 1000): string {
  if (days !== CHOSEN) return `${days}d`;
  const hours = Math.ceil((endOf(date) - now) / 3600);
  return date !== "" && hours > 0 ? `${hours}h` : "";
}

/** The days between which one may choose, the last within what the server allows. */
export function bounds(longestDays: number, now = Date.now() / 1000): { min: string; max: string } {
  return { min: dateOf(now), max: dateOf(now + (longestDays - 1) * DAY) };
}
