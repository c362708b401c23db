import { expect, test } from "vitest";
import type { State, Transfer } from "../../transfers/queue";
import { beyond, freeIn } from "./limits";
import type { Space } from "./nodes";

const SPACE = { slug: "s", used: 60, quota: 100, largest_file: 50 } as Space;
const file = (size: number, path = "s/a") => ({ path, body: new Blob([new Uint8Array(size)]) });
const coming = (path: string, size: number, sent: number, state: State = "uploading"): Transfer =>
  ({ id: 1, path, name: path, size, sent, state, error: "", code: "" });

test("all of them must fit beside what is on its way", () => {
  expect(beyond([file(20), file(20)], SPACE, [])).toBeNull();
  expect(beyond([file(20), file(21)], SPACE, [])).toEqual({ kind: "room", wanted: 41, free: 40 });
  expect(beyond([file(20)], SPACE, [coming("s/b", 30, 5)])).toEqual({ kind: "room", wanted: 20, free: 15 });
});

test("what was sent, failed or goes elsewhere takes no room that is left", () => {
  const waiting = [coming("s/b", 30, 30, "done"), coming("s/c", 30, 0, "failed"), coming("other/d", 30, 0)];
  expect(freeIn(SPACE, waiting)).toBe(40);
  expect(freeIn({ ...SPACE, quota: null }, [])).toBe(Infinity);
  expect(freeIn({ ...SPACE, used: 400 }, [])).toBe(0);
});

test("a file larger than any may be is told by its name", () => {
  expect(beyond([file(1), file(51, "s/film")], { ...SPACE, quota: null }, [])).toEqual({ kind: "large", path: "s/film", size: 51, most: 50 });
});
