/** What somebody did in this browser of late, and how it is undone: by which one it was, wherever it is by now. */
import { DONE } from "../../traces";
import { move, parentOf, place, restore, type Seen, taken, trash, under } from "./nodes";

export interface Deed {
  readonly kind: "moved" | "renamed" | "deleted";
  /** What it was done to, and where each was. */
  readonly nodes: readonly Seen[];
  /** The folder it went to, or the name it got. */
  readonly to: string;
  /** Where a name was taken, so that what came got another one. */
  readonly taken: readonly string[];
  /** What was made of it in another store of files; then what it was made of is in the trash. */
  readonly copies: readonly string[];
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

export const DAY_MS = 86_400_000;
const MOST = 30;
/** Of more no list is kept. */
const MOST_NODES = 1000;

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Move to a folder; what is told of it can be undone. */
export async function moveTo(nodes: readonly Seen[], to: string): Promise<Deed> {
  const places = nodes.map((node) => under(to, nameOf(node.path)));
  const before = (await taken(places)).map((node) => node.path);
  await move(nodes, to);
  const ids = new Set(nodes.map((node) => node.id));
  const come = (await taken(places)).filter((node) => !before.includes(node.path));
  return { kind: "moved", nodes, to, taken: before, copies: come.flatMap(({ id }) => (ids.has(id) ? [] : [id])), at: Date.now() };
}

/** Have everything where it was before. */
export async function undo({ kind, nodes, to, taken: there, copies }: Deed): Promise<void> {
  if (kind === "deleted" || copies.length > 0) {
    await restore(nodes);
    return trash(copies.map((id) => ({ id })));
  }
  const isElse = (node: Seen) => kind === "renamed" || there.includes(under(to, nameOf(node.path)));
  const plain = nodes.filter((node) => !isElse(node));
  for (const folder of new Set(plain.map((node) => parentOf(node.path)))) {
    await move(plain.filter((node) => parentOf(node.path) === folder), folder);
  }
  for (const node of nodes.filter(isElse)) await place(node.id, node.path);
}

function keyOf(sub: string): string {
  return DONE + sub;
}

/** What was done within a day, the latest first. */
export function deedsOf(sub: string, now = Date.now(), store: Storage = window.localStorage): readonly Deed[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(keyOf(sub)) ?? "[]");
    return Array.isArray(kept) ? (kept as Deed[]).filter((one) => one.at > now - DAY_MS) : [];
  } catch {
    return [];
  }
}

export function keepDeed(sub: string, deed: Deed, store: Storage = window.localStorage): void {
  if (deed.nodes.length > MOST_NODES) return;
  const nodes = deed.nodes.map(({ id, path }) => ({ id, path }));
  const kept = [{ ...deed, nodes }, ...deedsOf(sub, deed.at, store)].slice(0, MOST);
  try {
    store.setItem(keyOf(sub), JSON.stringify(kept));
  } catch {
    // The store is full: what was done is done, and the notice of it has its way back.
  }
}

export function forgetDeed(sub: string, deed: Deed, store: Storage = window.localStorage): void {
  store.setItem(keyOf(sub), JSON.stringify(deedsOf(sub, deed.at, store).filter((one) => one.at !== deed.at)));
}
