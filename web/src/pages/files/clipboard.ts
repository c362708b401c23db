/** What was cut or copied, to be put in where one goes next: it outlives the folder that was shown. */
import { useSyncExternalStore } from "react";
import type { Seen } from "./nodes";

export interface Held {
  readonly nodes: readonly Seen[];
  readonly moves: boolean;
}

let held: Held | null = null;
const listeners = new Set<() => void>();

export function hold(next: Held | null): void {
  held = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useHeld(): Held | null {
  return useSyncExternalStore(subscribe, () => held);
}
