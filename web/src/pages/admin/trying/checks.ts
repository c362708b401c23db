/** What a client looks at in an ID token. OIDCC-3.1.3.7 */

export interface Found {
  readonly name: string;
  readonly isGood: boolean;
}
interface Expected {
  readonly issuer: string;
  readonly client_id: string;
  /** What was sent; a device sends none. */
  readonly nonce: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}
/** Clocks may differ by so many seconds. */
const SKEW = 60;

export function checkIdToken(claims: Record<string, unknown>, expected: Expected): Found[] {
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  return [
    { name: "iss", isGood: claims.iss === expected.issuer },
    { name: "aud", isGood: audience.includes(expected.client_id) },
    ...(expected.nonce === undefined ? [] : [{ name: "nonce", isGood: claims.nonce === expected.nonce }]),
    { name: "exp", isGood: Number(claims.exp) > expected.now - SKEW },
    { name: "iat", isGood: Number(claims.iat) < expected.now + SKEW },
  ];
}
