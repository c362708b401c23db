import { expect, it } from "vitest";
import { asQuery } from "./filters";

it("asks for a period that ends now, and for whole days of the reader's zone", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  expect(asQuery({ who: "ann", period: "24h" }, "", now).toString()).toBe("who=ann&from_at=2026-11-27T12%3A00%3A00.000Z");
  const days = asQuery({ period: "days", from: "2026-11-01", to: "2026-11-01" }, "x");
  const [from, to] = ["from_at", "until_at"].map((name) => new Date(days.get(name) ?? ""));
  expect([from?.getHours(), to?.getHours(), from?.getDate(), to?.getDate()]).toEqual([0, 0, 1, 2]);
  expect(days.get("before")).toBe("x");
  expect(asQuery({ from: "2026-11-01" }).toString()).toBe("");
});
