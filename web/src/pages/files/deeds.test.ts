import { beforeEach, expect, test } from "vitest";
import { DAY_MS, type Deed, deedsOf, forgetDeed, keepDeed } from "./deeds";

const deed = (at: number): Deed => ({ kind: "moved", nodes: [{ id: "n", path: "s/a.txt" }], to: "s/d", taken: [], copies: [], at });

beforeEach(() => window.localStorage.clear());

test("what was done is kept for a day, the latest first, and for whom it was alone", () => {
  keepDeed("ann", deed(1));
  keepDeed("ann", deed(DAY_MS));
  expect(deedsOf("ann", DAY_MS).map((one) => one.at)).toEqual([DAY_MS, 1]);
  expect(deedsOf("ann", DAY_MS + 2).map((one) => one.at)).toEqual([DAY_MS]);
  expect(deedsOf("bo", DAY_MS)).toEqual([]);
  forgetDeed("ann", deed(DAY_MS));
  expect(deedsOf("ann", DAY_MS).map((one) => one.at)).toEqual([1]);
});

test("a store that is full undoes nothing of what was done", () => {
  const full = { ...window.localStorage, getItem: () => null, setItem: () => { throw new DOMException("", "QuotaExceededError"); } };
  expect(() => keepDeed("ann", deed(1), full)).not.toThrow();
});

test("what cannot be read is nothing, and of very many no list is kept", () => {
  window.localStorage.setItem("keycell-did:ann", "{");
  expect(deedsOf("ann")).toEqual([]);
  const { nodes } = deed(5);
  keepDeed("ann", { ...deed(5), nodes: Array.from({ length: 1001 }, () => nodes[0] ?? { id: "", path: "" }) });
  expect(deedsOf("ann", 6)).toEqual([]);
});
