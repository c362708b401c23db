import { expect, test } from "vitest";
import { middle } from "./squared";

test("the middle of a picture is a square that touches its nearer edges", () => {
  expect(middle(400, 300)).toEqual({ left: 50, top: 0, side: 300 });
  expect(middle(300, 500)).toEqual({ left: 0, top: 100, side: 300 });
  expect(middle(7, 7)).toEqual({ left: 0, top: 0, side: 7 });
});
