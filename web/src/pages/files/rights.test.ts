import { expect, test } from "vitest";
import { aclsOf, linesOf, NO_WISHES, undone, wished } from "./rights";
import type { Cell, Opening, Reaching, Who } from "./sharing";

const BOB: Who = { kind: "person", role: "b", name: "Bob", login: "bob" };
const here = (may: Reaching["may"], who: Who = BOB): Reaching => ({ ...who, may, until: 0, through: "Shared", is_here: true });
const LINK: Opening = { kind: "link", role: "l", name: "Box", may: "read", until: 0, by: "Ann", through: "My Files", is_here: false };

const CELL: Cell = {
  Uuid: "c", Label: "Shared", Description: "", RootNodes: [{ Uuid: "n" }],
  ACLs: { b: { RoleId: "b", User: { Login: "bob" }, Actions: [{ Name: "read" }] } },
};

test("who may write may read as well, and is told once", () => {
  const lines = linesOf([here("read"), here("write"), LINK], NO_WISHES);
  expect(lines.map(({ one, may, isWished }) => [one.name, may, isWished])).toEqual([["Bob", "write", false], ["Box", "read", false]]);
});

test("what is wanted is shown as not saved, and is none where it is so already", () => {
  const wishes = wished(NO_WISHES, "b", { who: BOB, may: "write", until: 0 }, { may: "read", until: 0 });
  expect(linesOf([here("read")], wishes)).toMatchObject([{ may: "write", isWished: true }]);
  expect(wished(wishes, "b", { who: BOB, may: "read", until: 0 }, { may: "read", until: 0 }).size).toBe(0);
  const gone = wished(NO_WISHES, "b", { who: BOB, may: null, until: 0 }, { may: "read", until: 0 });
  expect(linesOf([here("read")], gone)).toMatchObject([{ may: null, isWished: true }]);
});

test("a wish says nothing of a right that comes from above", () => {
  const above = { ...here("read"), through: "My Files", is_here: false };
  const lines = linesOf([above], wished(NO_WISHES, "b", { who: BOB, may: "write", until: 0 }, undefined));
  expect(lines.map(({ one, may }) => [one.is_here, may])).toEqual([[true, "write"], [false, "read"]]);
});

test("the members of a cell become what is wanted", () => {
  expect(aclsOf(CELL, wished(NO_WISHES, "bob", { may: null, until: 0 }, { may: "read", until: 0 }))).toEqual({});
  const more = aclsOf(CELL, wished(NO_WISHES, "carla", { may: "write", until: 0 }, undefined));
  expect(more).toMatchObject({ b: CELL.ACLs.b, carla: { User: { Login: "carla" }, Actions: [{ Name: "read" }, { Name: "write" }] } });
});

test("what is undone is as it was", () => {
  const wishes = wished(wished(NO_WISHES, "b", { who: BOB, may: null, until: 0 }, { may: "write", until: 0 }), "carla", { may: "read", until: 0 }, undefined);
  expect([...undone([here("write")], wishes)]).toEqual([
    ["b", { who: BOB, may: "write", until: 0 }], ["carla", { may: null, until: 0 }],
  ]);
});

test("an end is a wish of its own, and is sent", () => {
  const wishes = wished(NO_WISHES, "b", { who: BOB, may: "read", until: 1000 }, { may: "read", until: 0 });
  expect(linesOf([here("read")], wishes)).toMatchObject([{ may: "read", until: 1000, isWished: true }]);
  expect(aclsOf(CELL, wishes)).toMatchObject({ b: { RoleId: "b", AccessEnd: 1000 } });
  expect(undone([here("read")], wishes).get("b")).toMatchObject({ may: "read", until: 0 });
  expect(wished(wishes, "b", { who: BOB, may: "read", until: 0 }, { may: "read", until: 0 }).size).toBe(0);
});
