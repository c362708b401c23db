/** What comes after the first look at a page: fetched when it is wanted, or when the browser has nothing else to do. */

import { isThere } from "./api";
import { learn, type Part } from "./i18n";

const LOOKED_EVERY = 3000;

/** Fetch a part of the program together with the styles of the components that it is made of, and its words. */
export function later<T>(load: () => Promise<T>, words?: Part): () => Promise<T> {
  return () => persistently(async () => {
    const [found] = await Promise.all([load(), import("./styles"), words && learn(words)]);
    return found;
  });
}

/** While the server is away, whoever wants something waits; what it does not have when it is there, fails. */
async function persistently<T>(fetched: () => Promise<T>): Promise<T> {
  let isLast = false;
  for (;;) {
    try {
      return await fetched();
    } catch (error) {
      if (isLast) throw error;
    }
    isLast = await isThere();
    if (isLast) renewStyles();
    else await new Promise((done) => setTimeout(done, LOOKED_EVERY));
  }
}

const failed = new Set<HTMLLinkElement>();
// Such events do not bubble.
document.addEventListener("error", ({ target }) => target instanceof HTMLLinkElement && failed.add(target), true);

/** The bundler takes styles for fetched that it has once asked for. */
function renewStyles(): void {
  for (const link of failed) if (link.rel === "stylesheet") link.replaceWith(link.cloneNode());
  failed.clear();
}

/** Nobody has asked for more by then, and the first rows are there. */
const AT_REST_MS = 2000;

/** Do something once the page is at rest; what is given back forgets it. */
export function atRest(act: () => unknown): () => void {
  const idle = window.requestIdleCallback as typeof requestIdleCallback | undefined;
  const timer = window.setTimeout(() => (idle === undefined ? act() : idle(() => act())), AT_REST_MS);
  return () => window.clearTimeout(timer);
}
