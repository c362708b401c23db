import { expect, test } from "vitest";
import { nearest, PLAIN, withView } from "./views";

const pictures = { sort: "-changed", isGrid: true } as const;

test("a folder is looked at as it was, or as what it lies in", () => {
  const views = withView([], "home/photos", pictures);
  expect(nearest(views, "home/photos/2026/may")).toEqual(pictures);
  expect(nearest(views, "home/photos2")).toEqual(PLAIN);
  const own = withView(views, "home/photos/2026", PLAIN);
  expect(nearest(own, "home/photos/2026/may")).toEqual(PLAIN);
  expect(nearest(own, "home/photos")).toEqual(pictures);
});

test("so many views are kept, the latest of each folder", () => {
  let views = withView([], "a", PLAIN);
  for (let number = 0; number < 300; number += 1) views = withView(views, `b${number}`, pictures);
  expect(views.length).toBe(200);
  expect(nearest(views, "a")).toEqual(PLAIN);
  expect(nearest(withView(views, "b299", PLAIN), "b299")).toEqual(PLAIN);
});
