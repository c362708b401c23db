/** How a sync client calls the copy that it sets aside where two devices had changed one file. */

/** As the sync client calls them: `a (conflict, laptop, 2026-05-01).txt`. */
const NAME = /^(?<stem>.+) \(conflict, (?<device>.+), (?<day>\d{4}-\d\d-\d\d)(?: \d+)?\)(?<extension>\.[^.]{1,20})?$/;
/** What all such names have in them. */
export const MARK = " (conflict, ";

export interface Aside {
  /** The name of what it is a copy of. */
  readonly name: string;
  readonly device: string;
  readonly day: string;
}

/** Read what the name of a copy says; null of any other name. */
export function asideOf(name: string): Aside | null {
  const { stem, device = "", day = "", extension = "" } = NAME.exec(name)?.groups ?? {};
  return stem === undefined ? null : { name: stem + extension, device, day };
}
