import { expect, test } from "vitest";
import { beside } from "../pages/files/names";
import { Away, type Carrier, PART, Taken, TransferQueue, type State } from "./queue";

/** A store in memory that can be away, and that counts what it was sent. */
class Store implements Carrier {
  files = new Map<string, number>();
  sent: number[] = [];
  awayFor = 0;
  sawAborted = 0;
  arrived: string[] | null = null;
  gate: Promise<void> = Promise.resolve();

  async exists(path: string): Promise<boolean> {
    return this.files.has(path);
  }
  async put(path: string, body: Blob, replaces: boolean, { sent, signal }: Parameters<Carrier["put"]>[3]): Promise<void> {
    this.#reach();
    sent(body.size / 2);
    await this.gate;
    signal.throwIfAborted();
    if (!replaces && this.files.has(path)) throw new Taken(path);
    this.files.set(path, body.size);
  }
  async begin(): Promise<string> {
    return "upload";
  }
  async part(_path: string, _upload: string, number: number, body: Blob): Promise<string> {
    this.#reach();
    this.sent.push(number);
    return `etag-${number}-${body.size}`;
  }
  async complete(path: string, _upload: string, etags: readonly string[]): Promise<void> {
    this.files.set(path, etags.length);
  }
  async parts(): Promise<readonly string[] | null> {
    return this.arrived;
  }
  async abort(): Promise<void> {
    this.sawAborted += 1;
  }
  #reach(): void {
    if (this.awayFor > 0) {
      this.awayFor -= 1;
      throw new Away("away");
    }
  }
}

const at = (size: number, path = "space/a.txt") => ({ path, body: new Blob([new Uint8Array(size)]) });

function states(queue: TransferQueue): State[] {
  return queue.snapshot().map((one) => one.state);
}

async function settled(queue: TransferQueue): Promise<void> {
  while (queue.isBusy) await new Promise((done) => setTimeout(done, 1));
}

const atOnce = async () => undefined;

test("bytes are counted before the end, and done is said only by the server", async () => {
  const store = new Store();
  let open = () => undefined as void;
  store.gate = new Promise((done) => (open = done));
  const queue = new TransferQueue(store, undefined, atOnce);
  queue.add([at(1000)]);
  await new Promise((done) => setTimeout(done, 1));
  expect(queue.snapshot()[0]).toMatchObject({ sent: 500, state: "uploading" });
  open();
  await settled(queue);
  expect(queue.snapshot()[0]).toMatchObject({ sent: 1000, state: "done" });
});

test("a server that is away is asked again, from the part that was missing", async () => {
  const store = new Store();
  const queue = new TransferQueue(store, undefined, atOnce);
  queue.add([at(2 * PART + 10)]);
  store.awayFor = 5;
  await settled(queue);
  expect(states(queue)).toEqual(["done"]);
  expect(store.sent).toEqual([1, 2, 3]);
});

test("a name that is taken is never overwritten unasked", async () => {
  const store = new Store();
  store.files.set("space/a.txt", 1);
  store.files.set("space/b.txt", 1);
  const queue = new TransferQueue(store, undefined, atOnce);
  queue.add([at(5), at(6, "space/b.txt"), at(7, "space/c.txt")]);
  await settled(queue);
  expect(states(queue)).toEqual(["conflict", "conflict", "done"]);
  queue.answer(queue.snapshot()[0]!.id, "keep both", false, (name) => name.replace(".", " (2)."));
  await settled(queue);
  expect(store.files.get("space/a (2).txt")).toBe(5);
  queue.answer(queue.snapshot()[1]!.id, "replace", true, (name) => name);
  await settled(queue);
  expect(store.files.get("space/b.txt")).toBe(6);
});

test("one answer counts for all that follow", async () => {
  const store = new Store();
  const queue = new TransferQueue(store, undefined, atOnce);
  const many = Array.from({ length: 10 }, (_, n) => at(3, `space/${n}`));
  for (const one of many) store.files.set(one.path, 1);
  queue.add(many);
  await settled(queue);
  queue.answer(queue.snapshot()[0]!.id, "skip", true, (name) => name);
  expect(queue.snapshot()).toEqual([]);
  expect([...store.files.values()].every((size) => size === 1)).toBe(true);
});

test("what is paused goes on, and what is cancelled is given up", async () => {
  const store = new Store();
  let open = () => undefined as void;
  store.gate = new Promise((done) => (open = done));
  const queue = new TransferQueue(store, undefined, atOnce);
  queue.add([at(10), at(20, "space/b")]);
  const [one, two] = queue.snapshot();
  queue.pause(one!.id);
  queue.cancel(two!.id);
  open();
  await settled(queue);
  expect(states(queue)).toEqual(["paused"]);
  queue.resume(one!.id);
  await settled(queue);
  expect(states(queue)).toEqual(["done"]);
  expect(store.files.has("space/b")).toBe(false);
});

test("an upload of an earlier page goes on from the parts that arrived, or anew where it is gone", async () => {
  for (const [arrived, sent] of [[["etag-1"], [2, 3]], [null, [1, 2, 3]]] as const) {
    const store = new Store();
    store.arrived = arrived === null ? null : [...arrived];
    const remembered = new Map<string, string | null>();
    const memory = {
      keep: (one: { key: string; upload: string | null }) => void remembered.set(one.key, one.upload),
      forget: (key: string) => void remembered.delete(key),
    };
    const queue = new TransferQueue(store, undefined, atOnce, memory);
    const wanted = at(2 * PART + 10);
    queue.add([{ ...wanted, kept: { key: "k", path: wanted.path, size: 0, changedAt: 0, upload: "u", isTaken: false } }]);
    expect(remembered.get("k")).toBe("u");
    await settled(queue);
    expect(states(queue)).toEqual(["done"]);
    expect(store.sent).toEqual(sent);
    expect(remembered.size).toBe(0);
  }
});

test("an upload whose name is taken is kept as one that waits for an answer", async () => {
  const store = new Store();
  store.files.set("space/a.txt", 1);
  const kept: boolean[] = [];
  const queue = new TransferQueue(store, undefined, atOnce, { keep: (one) => void kept.push(one.isTaken), forget: () => undefined });
  queue.add([at(5)]);
  await settled(queue);
  expect(kept).toEqual([false, true]);
  queue.answer(queue.snapshot()[0]!.id, "replace", false, beside);
  await settled(queue);
  expect(kept).toEqual([false, true, false]);
});

test("beside names that are taken another is found, and grows no longer", async () => {
  const store = new Store();
  for (const name of ["a.txt", "a (2).txt", "a (3).txt"]) store.files.set(`space/${name}`, 1);
  const queue = new TransferQueue(store, undefined, atOnce);
  queue.add([at(5)]);
  await settled(queue);
  queue.answer(queue.snapshot()[0]!.id, "keep both", true, beside);
  await settled(queue);
  expect(store.files.get("space/a (4).txt")).toBe(5);
});
