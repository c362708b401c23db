import { expect, test } from "vitest";
import { marksOf } from "./InspectorTimes";

test("UX-X40: moments stand in order, the present among them", () => {
  const names = (claims: Record<string, unknown>, now: number) => marksOf(claims, now).map((one) => one.name);
  expect(names({ exp: 30, iat: 10, nbf: 10, auth_time: 5 }, 20)).toEqual(["auth_time", "iat", "nbf", "now", "exp"]);
  expect(names({ iat: 10, exp: 30 }, 40)).toEqual(["iat", "exp", "now"]);
});

test("what is no moment is left out, and without any there is no line", () => {
  expect(marksOf({ iat: "10", exp: null, nbf: Number.NaN }, 20)).toEqual([]);
});
