import { expect, test } from "vitest";
import { among } from "./among";

const PAGES = [
  { name: "Überblick", about: "Verwaltung" },
  { name: "Sessions and devices", about: "Account" },
  { name: "keep_trash", about: "For how many days what was deleted stays in the trash.", also: "KEYCELL_KEEP_TRASH" },
  { name: "Trash" },
];
const names = (text: string) => among(PAGES, text).map((one) => one.name);

test("words in any order and without their marks find a page", () => {
  expect(names("uber")).toEqual(["Überblick"]);
  expect(names("dev sess")).toEqual(["Sessions and devices"]);
  expect(names("verwaltung üb")).toEqual(["Überblick"]);
});

test("whose name begins so comes first", () => {
  expect(names("trash")).toEqual(["Trash", "keep_trash"]);
  expect(names("keycell_keep_trash")).toEqual([]);
  expect(names("keycell keep")).toEqual(["keep_trash"]);
});

test("nothing finds all, and nonsense finds none", () => {
  expect(names("  ")).toHaveLength(PAGES.length);
  expect(names("zzz")).toEqual([]);
});
