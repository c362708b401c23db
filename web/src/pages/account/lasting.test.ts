import { expect, test } from "vitest";
import { bounds, CHOSEN, durationOf } from "./lasting";

const noon = new Date(2026, 4, 10, 12).getTime() / 1000;

test("a number of days is asked for as it is", () => {
  expect(durationOf({ days: "7", date: "" }, noon)).toBe("7d");
});

test("a day that is chosen counts to its end", () => {
  expect(durationOf({ days: CHOSEN, date: "2026-05-10" }, noon)).toBe("12h");
  expect(durationOf({ days: CHOSEN, date: "2026-05-12" }, noon)).toBe("60h");
});

test("no day, and one that is over, is none", () => {
  expect(durationOf({ days: CHOSEN, date: "" }, noon)).toBe("");
  expect(durationOf({ days: CHOSEN, date: "2026-05-09" }, noon)).toBe("");
});

test("the last day that may be chosen ends within what the server allows", () => {
  const { min, max } = bounds(366, noon);
  expect(min).toBe("2026-05-10");
  expect(Number.parseInt(durationOf({ days: CHOSEN, date: max }, noon), 10)).toBeLessThanOrEqual(366 * 24);
});
