import { expect, test } from "vitest";
import { named, namingAt, parted } from "./naming";

test("the parts that name somebody are told apart, and addresses are none", () => {
  expect(parted("hi @ann, see x@example.org")).toEqual(["hi ", "@ann", ", see x@example.org"]);
  expect(parted("ask @ann.")).toEqual(["ask ", "@ann", "."]);
  expect(parted("plain")).toEqual(["plain"]);
});

test("a name is offered only where one is begun", () => {
  expect(namingAt("hi @an", 6)).toBe("an");
  expect(namingAt("@", 1)).toBe("");
  expect(namingAt("hi @an", 3)).toBeNull();
  expect(namingAt("ann@ex", 6)).toBeNull();
  expect(namingAt("hi @ann you", 11)).toBeNull();
});

test("the login stands where the name was begun, and what follows stays", () => {
  expect(named("hi @an there", 6, "ann")).toEqual({ text: "hi @ann there", caret: 8 });
  expect(named("@", 1, "bo")).toEqual({ text: "@bo ", caret: 4 });
});
