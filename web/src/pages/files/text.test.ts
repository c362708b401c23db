import { expect, test } from "vitest";
import { difference } from "./difference";
import { bytesOf, NoText, textOf } from "./text";

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

test("what is read and written back unchanged is byte for byte what it was", () => {
  for (const text of ["", "a\nb\n", "a\r\nb\r\n", "\ufeffa", "é 🙂"]) {
    const read = textOf(bytes(text), "e");
    expect(read.text).not.toContain("\r");
    expect(bytesOf(read.text, read.isCrlf)).toBe(text);
  }
});

test("what a field would change unseen is not edited", () => {
  for (const text of ["a\r\nb\n", "a\rb"]) expect(() => textOf(bytes(text), "e")).toThrow(NoText);
  expect(() => textOf(new Uint8Array([0xff, 0xfe, 0x41]).buffer, "e")).toThrow(NoText);
});

test("two texts differ by lines, and each is whole in the difference", () => {
  const [mine, theirs] = ["one\ntwo\nthree\nfour", "one\n2\nthree\nthree and a half\nfour"];
  const lines = difference(mine, theirs) ?? [];
  const of = (who: string) => lines.filter((line) => line.of === who || line.of === "both").map((line) => line.text);
  expect(of("mine").join("\n")).toBe(mine);
  expect(of("theirs").join("\n")).toBe(theirs);
  expect(lines.filter((line) => line.of === "mine").map((line) => line.text)).toEqual(["two"]);
  expect(difference("a", "a")).toEqual([{ text: "a", of: "both" }]);
  expect(difference("", "x\n".repeat(3000))).toBeNull();
});
