/** How folders were looked at last, kept by this browser: a folder without a view of its own takes that of what it lies in. */
import { parentOf, type Sort } from "./nodes";

export interface View {
  readonly sort: Sort;
  readonly isGrid: boolean;
}

/** How close rows stand, and which columns are left out, in every folder. */
export interface Look {
  readonly isDense: boolean;
  readonly hides: readonly Column[];
}

export type Column = "size" | "changed";
type Views = readonly (readonly [string, View])[];

const VIEWS = "keycell-views";
const LOOK = "keycell-look";
const MOST = 200;
export const PLAIN: View = { sort: "name", isGrid: false };
export const OPEN: Look = { isDense: false, hides: [] };

function read<T>(key: string, otherwise: T): T {
  try {
    return (JSON.parse(window.localStorage.getItem(key) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** The nearest view that is known: a folder's own, or that of one it lies in. */
export function nearest(views: Views, path: string): View {
  for (let at = path; at !== ""; at = parentOf(at)) {
    const found = views.find(([one]) => one === at);
    if (found !== undefined) return found[1];
  }
  return PLAIN;
}

/** With one more view, the latest first and not more than are of use. */
export function withView(views: Views, path: string, view: View): Views {
  return [[path, view] as const, ...views.filter(([one]) => one !== path)].slice(0, MOST);
}

export function viewOf(path: string): View {
  return nearest(read<Views>(VIEWS, []), path);
}

export function keepView(path: string, view: View): void {
  window.localStorage.setItem(VIEWS, JSON.stringify(withView(read<Views>(VIEWS, []), path, view)));
}

export function lookOf(): Look {
  return read(LOOK, OPEN);
}

export function keepLook(look: Look): void {
  window.localStorage.setItem(LOOK, JSON.stringify(look));
}
