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

/** A size, by thousands: 1.2 MB. */
export function size(bytes: number, locale = i18n.locale): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: UNITS[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1,
  }).format(value);
}

/** A moment in seconds since 1970: how long ago within a week, the day beyond. */
export function ago(seconds: number, now = Date.now() / 1000, locale = i18n.locale): string {
  const past = seconds - now;
  if (Math.abs(past) >= A_WEEK) return day(seconds, locale);
  const [unit, length] = RELATIVE.find(([, one]) => Math.abs(past) >= one) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(past / length), unit);
}

export function day(seconds: number, locale = i18n.locale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(seconds * 1000);
}

export function moment(seconds: number, locale = i18n.locale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
}

export function count(number: number, locale = i18n.locale): string {
  return new Intl.NumberFormat(locale).format(number);
}
