import { expect, test } from "vitest";
import { matched, memoryOf } from "./memory";
import type { Kept } from "./queue";

const one: Kept = { key: "k", path: "space/a/b.txt", size: 3, changedAt: 5, upload: "u", isTaken: false };
const file = (name: string, text: string, lastModified: number) => new File([text], name, { lastModified });

test("what a page kept is found by the next one of the same person alone", async () => {
  window.localStorage.clear();
  const before = memoryOf("ann", window.localStorage, undefined);
  before.keep(one);
  expect(await before.find()).toEqual([]);
  expect(await memoryOf("ann", window.localStorage, undefined).find()).toMatchObject([one]);
  expect(await memoryOf("bob", window.localStorage, undefined).find()).toEqual([]);
  window.localStorage.setItem("keycell-upload:ann:broken", "{");
  before.forget("k");
  expect(await memoryOf("ann", window.localStorage, undefined).find()).toEqual([]);
  expect(window.localStorage.length).toBe(0);
});

test("a file that was chosen again is known by its name, size and time, each once", () => {
  expect(matched([one], [file("b.txt", "abc", 5), file("b.txt", "abc", 5)])).toHaveLength(1);
  expect(matched([one], [file("b.txt", "abcd", 5), file("b.txt", "abc", 6), file("xb.txt", "abc", 5)])).toEqual([]);
});
