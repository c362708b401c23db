/** What of somebody's files stands in this browser by name: what they did of late, and what they looked for. */
export const DONE = "keycell-did:";
export const SEARCHED = "keycell-searched:";

/** Leave nothing of it to who sits here next. What an upload needs to go on stays: the server still has its parts. */
export function forgetTraces(store: Storage = window.localStorage): void {
  for (const key of Object.keys(store)) {
    if (key.startsWith(DONE) || key.startsWith(SEARCHED)) store.removeItem(key);
  }
}
