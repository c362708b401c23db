/** What was dropped or chosen, as files with their paths, and the folders that hold nothing. */
import type { Wanted } from "./queue";

export interface Dropped {
  readonly files: readonly Wanted[];
  readonly folders: readonly string[];
}

const under = (folder: string, name: string) => (folder === "" ? name : `${folder}/${name}`);

export function chosen(files: Iterable<File>, into: string): Dropped {
  const found = [...files].map((file) => ({ path: under(into, file.webkitRelativePath || file.name), body: file }));
  return { files: found, folders: [] };
}

/** Must be called while the drop event is handled: the browser forgets its items afterwards. */
export function dropped(transfer: DataTransfer, into: string): Promise<Dropped> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return walked(entries, into);
}

async function walked(entries: readonly FileSystemEntry[], into: string): Promise<Dropped> {
  const files: Wanted[] = [];
  const folders: string[] = [];
  const waiting = entries.map((entry) => ({ entry, into }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const path = under(next.into, next.entry.name);
    if (next.entry.isFile) {
      files.push({ path, body: await fileOf(next.entry as FileSystemFileEntry) });
      continue;
    }
    folders.push(path);
    const below = await entriesOf(next.entry as FileSystemDirectoryEntry);
    waiting.push(...below.map((entry) => ({ entry, into: path })));
  }
  return { files, folders };
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((done, fail) => entry.file(done, fail));
}

/** A reader gives a hundred at a time, until it gives none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return found;
    found.push(...some);
  }
}
