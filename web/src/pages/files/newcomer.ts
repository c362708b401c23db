/** Who is shown the first steps in this browser: begun where nothing was there yet, and until they want no more of it. */
const KEPT = "keycell-first-steps:";
const SKIPPED = "skipped";

export function areWanted(sub: string, isEmpty: boolean, store: Storage = window.localStorage): boolean {
  const kept = store.getItem(KEPT + sub);
  return kept === null ? isEmpty : kept !== SKIPPED;
}

export function keepStarted(sub: string, store: Storage = window.localStorage): void {
  store.setItem(KEPT + sub, "started");
}

export function keepSkipped(sub: string, store: Storage = window.localStorage): void {
  store.setItem(KEPT + sub, SKIPPED);
}
