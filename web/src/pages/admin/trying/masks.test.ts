import { expect, test } from "vitest";
import { bodyLines, curlOf, headerLines, masked, paramLines } from "./masks";

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

test("UX-V03: a request is a command whose secrets are variables", () => {
  const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: SECRET, scope: "openid it's" });
  const told = curlOf("POST", "https://id.example/token", { Accept: "application/json", Authorization: `Basic ${SECRET}` }, form);
  expect(told).not.toContain(SECRET);
  expect(told).toBe(["curl -sS 'https://id.example/token'", "-H 'Accept: application/json'", '-u "$CLIENT_ID:$CLIENT_SECRET"', "-d 'grant_type=refresh_token'", '-d refresh_token="$REFRESH_TOKEN"', "-d 'scope=openid%20it'\\''s'"].join(" \\\n  "));
  expect(curlOf("GET", "https://id.example/userinfo", { Authorization: `Bearer ${SECRET}` })).toBe("curl -sS 'https://id.example/userinfo' \\\n  -H \"Authorization: Bearer $ACCESS_TOKEN\"");
});
