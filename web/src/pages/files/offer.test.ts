import { beforeEach, expect, test } from "vitest";
import { isOffered, keepNo, noteOffer } from "./offer";

const DAY = 86_400_000;

beforeEach(() => window.localStorage.clear());

test("a passkey is offered once in thirty days, and never again to who said so", () => {
  expect(isOffered(DAY)).toBe(true);
  noteOffer(DAY);
  expect(isOffered(30 * DAY)).toBe(false);
  expect(isOffered(31 * DAY)).toBe(true);
  keepNo();
  expect(isOffered(1000 * DAY)).toBe(false);
});
