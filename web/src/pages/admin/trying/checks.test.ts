import { expect, test } from "vitest";
import { checkIdToken } from "./checks";

const EXPECTED = { issuer: "https://id.example/oidc", client_id: "app", nonce: "n", now: 1000 };
const CLAIMS = { iss: "https://id.example/oidc", aud: "app", nonce: "n", iat: 990, exp: 1600 };

function bad(claims: Record<string, unknown>): string[] {
  return checkIdToken({ ...CLAIMS, ...claims }, EXPECTED).filter((one) => !one.isGood).map((one) => one.name);
}

test("OIDCC-3.1.3.7: an ID token that is right, for one audience or several", () => {
  expect(bad({})).toEqual([]);
  expect(bad({ aud: ["other", "app"] })).toEqual([]);
});

test.each([
  ["iss", { iss: "https://id.example" }], ["aud", { aud: "other" }], ["nonce", { nonce: "other" }], ["nonce", { nonce: undefined }],
  ["exp", { exp: 900 }], ["exp", { exp: undefined }], ["iat", { iat: 2000 }],
])("OIDCC-3.1.3.7: one whose %s is wrong", (name, claims) => {
  expect(bad(claims)).toEqual([name]);
});
