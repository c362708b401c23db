/** What the server would refuse, told before anything is sent rather than after gigabytes were. */
import type { Transfer, Wanted } from "../../transfers/queue";
import type { Space } from "./nodes";

export type Beyond =
  /** All of them together: so much they have, and so much is free. */
  | { readonly kind: "room"; readonly wanted: number; readonly free: number }
  /** One of them by itself. */
  | { readonly kind: "large"; readonly path: string; readonly size: number; readonly most: number };

/** What is free in a space once all that is on its way to it has arrived. */
export function freeIn(space: Pick<Space, "slug" | "used" | "quota">, waiting: readonly Transfer[]): number {
  if (space.quota === null) return Infinity;
  const coming = waiting.filter((one) => one.state !== "done" && one.state !== "failed" && one.path.startsWith(`${space.slug}/`));
  const left = coming.reduce((sum, one) => sum + one.size - one.sent, 0);
  return Math.max(0, space.quota - space.used - left);
}

/** What cannot be taken of some files; null if all can. */
export function beyond(files: readonly Wanted[], space: Space | undefined, waiting: readonly Transfer[]): Beyond | null {
  if (space === undefined) return null;
  const large = files.find((one) => one.body.size > space.largest_file);
  if (large !== undefined) return { kind: "large", path: large.path, size: large.body.size, most: space.largest_file };
  const wanted = files.reduce((sum, one) => sum + one.body.size, 0);
  const free = freeIn(space, waiting);
  return wanted > free ? { kind: "room", wanted, free } : null;
}
