import { expect, test } from "vitest";
import { ago, countBy1024, size } from "./format";

test("sizes are said in the largest unit that leaves a number before the point", () => {
  expect(size(0, "en")).toBe("0 bytes");
  expect(size(999, "en")).toBe("999 bytes");
  expect(size(1000, "en")).toBe("1 kB");
  expect(size(1_250_000, "en")).toBe("1.3 MB");
  expect(size(999_600_000, "en")).toBe("1 GB");
  expect(size(1_250_000, "fr")).toMatch(/^1,3\sMo$/);
});

test("sizes are counted by 1024 where that is wanted (UX-Q06)", () => {
  countBy1024(true);
  expect(size(999, "en")).toBe("999 bytes");
  expect(size(1024, "en")).toBe("1\u00a0KiB");
  expect(size(1_310_720, "de")).toBe("1,3\u00a0MiB");
  expect(size(1024 ** 3 - 1, "en")).toBe("1\u00a0GiB");
  countBy1024(false);
  expect(size(1024, "en")).toBe("1 kB");
  expect(window.localStorage.length).toBe(0);
});

test("what is a week past is said by its day", () => {
  expect(ago(1000, 1000, "en")).toBe("now");
  expect(ago(0, 7200, "en")).toBe("2 hours ago");
  expect(ago(0, 8 * 86_400, "en")).toBe("Jan 1, 1970");
});
