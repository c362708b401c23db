import { beforeEach, expect, it } from "vitest";
import { areWanted, keepSkipped, keepStarted } from "./newcomer";

beforeEach(() => window.localStorage.clear());

it("begins where there are no files, and goes on until somebody skips it (UX-F31)", () => {
  expect(areWanted("ann", true)).toBe(true);
  expect(areWanted("ann", false)).toBe(false);
  keepStarted("ann");
  expect(areWanted("ann", false)).toBe(true);
  keepSkipped("ann");
  expect(areWanted("ann", true)).toBe(false);
  expect(areWanted("bob", true)).toBe(true);
});
