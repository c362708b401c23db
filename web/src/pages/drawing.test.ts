import { expect, test } from "vitest";
import { middle, within } from "./drawing";

test("the middle of a picture is a square that touches its nearer edges", () => {
  expect(middle(400, 300)).toEqual({ left: 50, top: 0, side: 300 });
  expect(middle(300, 500)).toEqual({ left: 0, top: 100, side: 300 });
  expect(middle(7, 7)).toEqual({ left: 0, top: 0, side: 7 });
});

test("a logo fits into its place, and does not grow", () => {
  expect(within(900, 600, { width: 576, height: 72 })).toEqual({ width: 108, height: 72 });
  expect(within(5000, 10, { width: 576, height: 72 })).toEqual({ width: 576, height: 1 });
  expect(within(20, 10, { width: 576, height: 72 })).toEqual({ width: 20, height: 10 });
});
