/** Numbers and times as the reader's language writes them. */
import { i18n } from "@lingui/core";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const RELATIVE: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const A_WEEK = 7 * 86_400;

let zone: string | undefined;

/** Tell times in a zone that somebody chose, if this browser knows it; in the browser's own without. */
export function tellTimesIn(chosen: string): void {
  try {
    zone = chosen === "" ? undefined : new Intl.DateTimeFormat("en", { timeZone: chosen }).resolvedOptions().timeZone;
  } catch {
    zone = undefined;
  }
}

function dates(locale: string, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", ...style, ...(zone ? { timeZone: zone } : {}) });
}

/** Keep what is made for each name: making a formatter takes a hundred times as long as asking it, and lists ask for every row. */
function kept<T>(make: (locale: string, detail: number) => T): (locale: string, detail?: number) => T {
  const made = new Map<string, T>();
  return (locale, detail = 0) => {
    const name = `${locale} ${detail}`;
    const found = made.get(name) ?? make(locale, detail);
    made.set(name, found);
    return found;
  };
}

/** Whole numbers, and those with one place behind the point, of each unit. */
const sizes = kept(
  (locale, detail) =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: UNITS[detail >> 1] ?? "byte",
      unitDisplay: detail >> 1 === 0 ? "long" : "short",
      maximumFractionDigits: detail & 1,
    }),
);
const relatives = kept((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const days = kept((locale) => dates(locale, {}));
const moments = kept((locale) => dates(locale, { timeStyle: "short" }));
const instants = kept((locale) => dates(locale, { timeStyle: "medium" }));
const counts = kept((locale) => new Intl.NumberFormat(locale));

const BINARY_UNITS = ["", "KiB", "MiB", "GiB", "TiB"] as const;
const BINARY = "keycell-binary-sizes";
const tenths = kept((locale, detail) => new Intl.NumberFormat(locale, { maximumFractionDigits: detail }));
let isBinary = window.localStorage.getItem(BINARY) !== null;

/** Whether sizes are counted by 1024, as this browser was told. */
export function countsBy1024(): boolean {
  return isBinary;
}

export function countBy1024(wanted: boolean): void {
  isBinary = wanted;
  if (wanted) window.localStorage.setItem(BINARY, "1");
  else window.localStorage.removeItem(BINARY);
}

/** A size by 1024: 1.2 MiB, whose signs are the same in every language. */
function binarySize(bytes: number, locale: string): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1023.5 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${tenths(locale, value >= 100 ? 0 : 1).format(value)}\u00a0${BINARY_UNITS[unit] ?? ""}`;
}

/** A size, by thousands: 1.2 MB; by 1024 where that is wanted. */
export function size(bytes: number, locale = i18n.locale): string {
  if (isBinary && bytes >= 1023.5) return binarySize(bytes, locale);
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return sizes(locale, 2 * unit + (unit === 0 || value >= 100 ? 0 : 1)).format(value);
}

/** A moment in seconds since 1970: how long ago within a week, the day beyond. */
export function ago(seconds: number, now = Date.now() / 1000, locale = i18n.locale): string {
  const past = seconds - now;
  if (Math.abs(past) >= A_WEEK) return day(seconds, locale);
  const [unit, length] = RELATIVE.find(([, one]) => Math.abs(past) >= one) ?? ["second", 1];
  return relatives(locale).format(Math.round(past / length), unit);
}

export function day(seconds: number, locale = i18n.locale): string {
  return days(locale).format(seconds * 1000);
}

export function moment(seconds: number, locale = i18n.locale): string {
  return moments(locale).format(seconds * 1000);
}

/** A moment to the second, where two of one minute are told apart by it. */
export function exactly(at: string, locale = i18n.locale): string {
  return instants(locale).format(Date.parse(at));
}

export function count(number: number, locale = i18n.locale): string {
  return counts(locale).format(number);
}

/** The day of a moment as a field for dates has it; empty for never. */
export function dateOf(seconds: number): string {
  if (seconds === 0) return "";
  const then = new Date(seconds * 1000);
  return [then.getFullYear(), then.getMonth() + 1, then.getDate()].map((one) => String(one).padStart(2, "0")).join("-");
}

/** The last second of such a day, in seconds since 1970; 0 for never. */
export function endOf(date: string): number {
  return date === "" ? 0 : Math.floor(new Date(`${date}T23:59:59`).getTime() / 1000);
}
