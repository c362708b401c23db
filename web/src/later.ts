/** What comes after the first look at a page: fetched when it is wanted, or when the browser has nothing else to do. */

import { learn, type Part } from "./i18n";

/** Fetch a part of the program together with the styles of the components that it is made of, and its words. */
export function later<T>(load: () => Promise<T>, words?: Part): () => Promise<T> {
  return async () => {
    const [found] = await Promise.all([load(), import("./styles"), words && learn(words)]);
    return found;
  };
}

/** Nobody has asked for more by then, and the first rows are there. */
const AT_REST_MS = 2000;

/** Do something once the page is at rest; what is given back forgets it. */
export function atRest(act: () => unknown): () => void {
  const idle = window.requestIdleCallback as typeof requestIdleCallback | undefined;
  const timer = window.setTimeout(() => (idle === undefined ? act() : idle(() => act())), AT_REST_MS);
  return () => window.clearTimeout(timer);
}
