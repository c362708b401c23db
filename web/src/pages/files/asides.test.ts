import { expect, it } from "vitest";
import { asideOf } from "./asides";

it("reads what a sync client calls a copy that it sets aside", () => {
  expect(asideOf("a (conflict, laptop, 2026-05-01).txt")).toEqual({ name: "a.txt", device: "laptop", day: "2026-05-01" });
  expect(asideOf("a (conflict, Ann's, old one, 2026-05-01 2).tar.gz")).toBeNull();
  expect(asideOf("a.tar (conflict, Ann's, old one, 2026-05-01 2).gz")).toEqual({ name: "a.tar.gz", device: "Ann's, old one", day: "2026-05-01" });
  expect(asideOf("README (conflict, server, 2026-05-01)")).toEqual({ name: "README", device: "server", day: "2026-05-01" });
});

it("takes no other name for one", () => {
  for (const name of ["a.txt", "a (2).txt", "a (conflict, laptop).txt", "(conflict, laptop, 2026-05-01).txt", "conflict, 2026-05-01.txt"]) expect(asideOf(name)).toBeNull();
});
