import { expect, it } from "vitest";
import { rowsOf } from "./claimRows";

it("puts claims beside each other, the person's first, and marks those that differ", () => {
  const rows = rowsOf({ iss: "i", sub: "s", aud: "app", groups: ["a"] }, { iss: "i", sub: "s", aud: ["api"] }, { sub: "s", email: "e", groups: ["a"] });
  expect(rows.map((row) => row.claim)).toEqual(["sub", "groups", "email", "iss", "aud"]);
  expect(rows.filter((row) => row.differs).map((row) => row.claim)).toEqual(["aud"]);
  expect(rows[1]?.values).toEqual(['["a"]', undefined, '["a"]']);
});
