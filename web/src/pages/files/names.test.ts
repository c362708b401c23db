import { expect, test } from "vitest";
import { bytesIn, controlIn, wrongWith } from "./names";

test.each([
  ["", "empty"], ["  ", "empty"], ["a/b", "slash"], [".", "dots"], ["..", "dots"], ["...", null], ["a\\b:c?.txt", null],
  ["a\u0007b", "control"], ["a\u007f", "control"], ["a\u0085b", "control"], ["a\ud800b", "control"], ["👋.txt", null],
  ["é".repeat(127), null], ["é".repeat(128), "long"],
])("%j is wrong by %s", (name, wrong) => expect(wrongWith(name)).toBe(wrong));

test("the character is named, and the length too", () => {
  expect(controlIn("a\u0085b")).toBe("U+0085");
  expect(controlIn("a\ud800b")).toBe("U+D800");
  expect(controlIn("ab")).toBe("");
  expect(bytesIn("é👋")).toBe(6);
});
