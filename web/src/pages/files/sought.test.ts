import { describe, expect, it } from "vitest";
import { beyond, isAsked, isFiltered, joined, queryOf, readAsked } from "./sought";

describe("what a search asks for", () => {
  it("is read out of the address, without what nobody could choose", () => {
    expect(readAsked({ q: "trip", kind: "image/", days: 7, size: "large", space: "common-files" })).toEqual({
      q: "trip",
      kind: "image/",
      days: "7",
      size: "large",
      space: "common-files",
    });
    const nothing = readAsked({ q: "", kind: "x", days: 8, size: {}, space: [] });
    expect(Object.values(nothing).every((one) => one === undefined)).toBe(true);
  });

  it("is told from a bare name, and from nothing", () => {
    expect(isFiltered({ q: "trip" })).toBe(false);
    expect(isFiltered({ space: "common-files" })).toBe(true);
    expect(isAsked({ space: "common-files" })).toBe(false);
    expect(isAsked({ kind: "folder" })).toBe(true);
  });

  it("becomes the server's query", () => {
    expect(queryOf({ q: "trip" })).toEqual({ FreeString: "trip" });
    expect(queryOf({ kind: "folder" })).toEqual({ Type: "COLLECTION" });
    expect(queryOf({ kind: "image/", days: "7", size: "medium", space: "s" }, 1_000_000.9)).toEqual({
      Type: "LEAF",
      ContentType: "image/",
      MinDate: 1_000_000 - 7 * 86_400,
      MinSize: 1_000_000,
      MaxSize: 100_000_000,
      PathPrefix: ["s"],
    });
  });
});

describe("the parts of what was found", () => {
  const part = (ids: readonly string[], hasMore: boolean) => ({ nodes: ids.map((id) => ({ id })), hasMore });

  it("go on beyond all that was told", () => {
    expect(beyond([part(["a", "b"], true)])).toBe(2);
    expect(beyond([part(["a", "b"], true), part(["c"], true)])).toBe(3);
  });

  it("end where there is no more, or where the server looks no further", () => {
    expect(beyond([part(["a"], false)])).toBeUndefined();
    expect(beyond([part(["a"], true), part([], true)])).toBeUndefined();
    expect(beyond([])).toBeUndefined();
  });

  it("tell of everything once", () => {
    expect(joined([part(["a", "b"], true), part(["b", "c"], false)]).map((node) => node.id)).toEqual(["a", "b", "c"]);
  });
});
