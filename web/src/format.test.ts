import { expect, test } from "vitest";
import { ago, size } from "./format";

test("sizes are said in the largest unit that leaves a number before the point", () => {
  expect(size(0, "en")).toBe("0 bytes");
  expect(size(999, "en")).toBe("999 bytes");
  expect(size(1000, "en")).toBe("1 kB");
  expect(size(1_250_000, "en")).toBe("1.3 MB");
  expect(size(999_600_000, "en")).toBe("1 GB");
  expect(size(1_250_000, "fr")).toMatch(/^1,3\sMo$/);
});

test("what is a week past is said by its day", () => {
  expect(ago(1000, 1000, "en")).toBe("now");
  expect(ago(0, 7200, "en")).toBe("2 hours ago");
  expect(ago(0, 8 * 86_400, "en")).toBe("Jan 1, 1970");
});
