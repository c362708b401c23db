import { expect, it } from "vitest";
import { rulesOf, strengthOf } from "./strength";

it("counts length, and little of what comes again or follows", () => {
  const found = ["abcdefghijkl", "aaaaaaaaaaaaaaaa", "tr0ub4do", "correct horse", "correct horse battery", "correct horse battery staple"].map(strengthOf);
  expect(found).toEqual([0, 0, 1, 1, 3, 3]);
});

it("knows what the server refuses", () => {
  expect(rulesOf("Ann@Example.org", ["ann", "ann@example.org"])).toEqual({ isLong: true, isOther: false });
  expect(rulesOf("11111111", [])).toEqual({ isLong: true, isOther: false });
  expect(rulesOf("seven77", [])).toEqual({ isLong: false, isOther: true });
  expect(rulesOf("", [""])).toEqual({ isLong: false, isOther: false });
});
