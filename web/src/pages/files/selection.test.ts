import { expect, test } from "vitest";
import { beside, wrongWith } from "./names";
import { clicked, moved, NOTHING, reached } from "./selection";

const at = (index: number) => (index >= 0 && index < 10 ? { id: `n${index}` } : undefined);
const plain = { shift: false, more: false };

test("a click chooses one, Shift a range from it, Ctrl one more or one less", () => {
  const one = clicked(NOTHING, 2, at, plain);
  expect([...one.chosen]).toEqual(["n2"]);
  const some = clicked(one, 4, at, { shift: true, more: false });
  expect([...some.chosen]).toEqual(["n2", "n3", "n4"]);
  expect([...clicked(some, 0, at, { shift: true, more: false }).chosen]).toEqual(["n0", "n1", "n2"]);
  const less = clicked(some, 3, at, { shift: false, more: true });
  expect([...less.chosen]).toEqual(["n2", "n4"]);
  expect(clicked(less, 99, at, plain)).toBe(less);
});

test("arrows stop at the ends", () => {
  const end = moved(NOTHING, 99, 10, at, false);
  expect(end.focus).toBe(9);
  expect(moved(end, -5, 10, at, true).chosen.size).toBe(10);
});

test("a range over rows that have not arrived chooses nothing before they have, and then all", () => {
  const some = (index: number) => (index === 5 ? undefined : at(index));
  const waiting = clicked(clicked(NOTHING, 2, some, plain), 8, some, { shift: true, more: false });
  expect(waiting.chosen.size).toBe(0);
  expect(waiting.reach).toEqual([2, 8]);
  expect(reached(waiting, some).reach).toEqual([2, 8]);
  const whole = reached(waiting, at);
  expect(whole.chosen.size).toBe(7);
  expect(whole.reach).toBeUndefined();
  expect(moved(NOTHING, 5, 10, some, true).reach).toEqual([0, 5]);
});

test("names are refused for what is wrong with them", () => {
  expect(["a", " ", "a/b", "..", "a\nb", "ä".repeat(200)].map(wrongWith)).toEqual([
    null, "empty", "slash", "dots", "control", "long",
  ]);
  expect(beside("a.txt", new Set(["a (2).txt"]))).toBe("a (3).txt");
  expect(beside(".env", new Set())).toBe(".env (2)");
});
