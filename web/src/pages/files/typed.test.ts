import { describe, expect, it } from "vitest";
import { forgetRecent, keepRecent, readTyped, recentOf, typedOf } from "./typed";

function clean(asked: object) {
  return Object.fromEntries(Object.entries(asked).filter(([, one]) => one !== undefined));
}

describe("a search that is typed (UX-F19)", () => {
  it("has filters among its words", () => {
    expect(clean(readTyped('trip type:image in:common-files tag:"last summer" by:me', {}, "ann"))).toEqual({
      q: "trip", kind: "image/", space: "common-files", tag: "last summer", by: "ann",
    });
    expect(clean(readTyped("owner:bo days:7 SIZE:large", { kind: "folder" }, "ann"))).toEqual({ kind: "folder", by: "bo", days: "7", size: "large" });
  });

  it("keeps what is no filter as it was typed", () => {
    expect(clean(readTyped('12:30 days:8 note:x "two words"', {}, "ann"))).toEqual({ q: "12:30 days:8 note:x two words" });
  });

  it("is written as it could be typed", () => {
    const asked = { q: "trip", kind: "image/", tag: "last summer", within: "text" };
    expect(typedOf(asked)).toBe('trip kind:image tag:"last summer" within:text');
    expect(clean(readTyped(typedOf(asked), {}, "ann"))).toEqual(asked);
  });
});

describe("what was looked for last", () => {
  it("is each person's own, the latest first, and can be forgotten", () => {
    for (let at = 0; at < 10; at += 1) keepRecent("ann", `word ${at}`);
    keepRecent("ann", "word 5");
    expect(recentOf("ann").slice(0, 2)).toEqual(["word 5", "word 9"]);
    expect(recentOf("ann")).toHaveLength(8);
    expect(recentOf("bo")).toEqual([]);
    window.localStorage.setItem("keycell-searched:bo", "{");
    expect(recentOf("bo")).toEqual([]);
    forgetRecent("ann");
    expect(recentOf("ann")).toEqual([]);
  });
});
