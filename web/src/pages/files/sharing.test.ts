import { expect, test } from "vitest";
import { dateOf, endOf } from "../../format";
import { changesOf, kindOf, type LinkChange, type ShareLink, undoOf } from "./sharing";

const link: ShareLink = {
  Uuid: "u", LinkUrl: "", LinkHash: "h", Label: "Holiday", Description: "", PasswordRequired: true, AccessEnd: "1800000000",
  MaxDownloads: "0", CurrentDownloads: "3", Notify: false, LastUsed: "0", RootNodes: [], Permissions: ["Download", "Preview"], ChangedAt: "17",
};
const same: LinkChange = { label: "Holiday", kind: "both", end: 1800000000, password: "", isOpen: false, downloads: 0, tells: false };

test("what is so already is not said", () => {
  expect(changesOf(link, same)).toEqual({});
  expect(changesOf(link, { ...same, isOpen: true })).toEqual({ PasswordEnabled: false });
  expect(changesOf(link, { ...same, password: "open sesame", kind: "edit", end: 0 })).toEqual({
    ShareLink: { Permissions: ["Preview", "Download", "Upload", "Edit"], AccessEnd: 0 },
    PasswordEnabled: true,
    UpdatePassword: "open sesame",
  });
});

test("a kind is told by what it lets be done, in any order", () => {
  expect(kindOf(["Download", "Edit", "Preview", "Upload"])).toBe("edit");
  expect(kindOf(["Upload"])).toBe("drop");
  expect(kindOf(["Download"])).toBe("other");
});

test("undone, it is as it was but for its password", () => {
  expect(undoOf(link)).toEqual({ ShareLink: { Label: "Holiday", Permissions: ["Download", "Preview"], AccessEnd: "1800000000", MaxDownloads: "0", Notify: false } });
});

test("a link works until the end of its last day", () => {
  expect(dateOf(0)).toBe("");
  expect(endOf("")).toBe(0);
  expect(dateOf(endOf("2027-02-28"))).toBe("2027-02-28");
  expect(dateOf(endOf("2027-02-28") + 1)).toBe("2027-03-01");
});
