/**
 * What uploads leave behind when their page is closed: names and sizes, and where the server has parts. Never bytes:
 * a browser gives them again only where somebody chooses the files again.
 */
import type { Kept, Memory, Wanted } from "./queue";

const PREFIX = "keycell-upload";
/** What the server gives up after so long is forgotten here too. */
const FORGOTTEN_MS = 7 * 86_400_000;

interface Entry extends Kept {
  /** The page that it belongs to, as long as that is open. */
  readonly page: string;
  readonly keptAt: number;
}

export interface Interrupted extends Memory {
  /** What pages that are gone have left behind. */
  find(): Promise<readonly Kept[]>;
}

/** In a browser's store, for one person. */
export function memoryOf(sub: string, store: Storage = window.localStorage, locks = navigator.locks as LockManager | undefined): Interrupted {
  const page = Math.random().toString(36).slice(2);
  const prefix = `${PREFIX}:${sub}:`;
  // Held as long as this page is there: others then leave its uploads alone.
  void locks?.request(`${PREFIX}:${page}`, () => new Promise(() => undefined));
  return {
    keep(one) {
      const entry: Entry = { ...one, page, keptAt: Date.now() };
      try {
        store.setItem(prefix + one.key, JSON.stringify(entry));
      } catch {
        // The store is full: the upload goes on, and is not found again.
      }
    },
    forget: (key) => store.removeItem(prefix + key),
    async find() {
      const open = new Set((await locks?.query())?.held?.map((lock) => lock.name));
      open.add(`${PREFIX}:${page}`);
      const found: Entry[] = [];
      for (const key of Object.keys(store).filter((one) => one.startsWith(prefix))) {
        const entry = read(store.getItem(key));
        if (entry === null || Date.now() - entry.keptAt > FORGOTTEN_MS) store.removeItem(key);
        else if (!open.has(`${PREFIX}:${entry.page}`)) found.push(entry);
      }
      return found;
    },
  };
}

function read(text: string | null): Entry | null {
  try {
    return JSON.parse(text ?? "null") as Entry | null;
  } catch {
    return null;
  }
}

/** Of files that were chosen again, those that were interrupted: by name, size and time, which together hardly lie. */
export function matched(kept: readonly Kept[], files: readonly File[]): Wanted[] {
  const left = [...kept];
  return files.flatMap((body) => {
    const name = body.webkitRelativePath || body.name;
    const at = left.findIndex(
      (one) =>
        (one.path === name || one.path.endsWith(`/${name}`)) && one.size === body.size && one.changedAt === body.lastModified,
    );
    if (at < 0) return [];
    const [one] = left.splice(at, 1);
    return one === undefined ? [] : [{ path: one.path, body, kept: one }];
  });
}
