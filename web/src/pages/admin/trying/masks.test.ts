import { expect, test } from "vitest";
import { bodyLines, headerLines, masked, paramLines } from "./masks";

const SECRET = "abcdefghijklmnopqrstuvwxyz";

test("a secret is shown by its first letters, a short one not at all", () => {
  expect(masked(SECRET)).toBe("abcd… (26)");
  expect(masked("abcdefgh")).toBe("…");
});

test("nothing that opens something is left in what is shown", () => {
  const params = new URLSearchParams({ code: SECRET, code_verifier: SECRET, client_secret: SECRET, token: SECRET, scope: "openid" });
  expect(paramLines(params)).not.toContain(SECRET);
  expect(paramLines(params)).toContain("scope=openid");
  expect(headerLines({ Authorization: `Basic ${SECRET}`, Accept: "application/json" })).toBe("Authorization: Basic …\nAccept: application/json");
  const body = bodyLines(JSON.stringify({ access_token: SECRET, refresh_token: SECRET, id_token: SECRET, expires_in: 600 }));
  expect(body).not.toContain(SECRET);
  expect(body).toContain('"expires_in": 600');
});

test("an answer that is no JSON is shown as it came", () => {
  expect(bodyLines("<html>")).toBe("<html>");
});
