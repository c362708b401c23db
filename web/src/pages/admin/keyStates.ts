/** What the states of a signing key are called, and which colour they have. */
import { useLingui } from "@lingui/react/macro";

export interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly state: "next" | "current" | "previous" | "revoked";
  readonly created_at: string;
  readonly activated_at: string | null;
  readonly retired_at: string | null;
}

/** Applications encrypt to us by it: it opens what it was sent, and signs nothing. */
export function opens(key: Key): boolean {
  return key.alg.startsWith("RSA-OAEP") || key.alg.startsWith("ECDH-ES");
}

export function useKeyState(): (key: Key) => string {
  const { t } = useLingui();
  const signing = { next: t`next: published, signs later`, current: t`current: signs`, previous: t`previous: still verifies`, revoked: t`revoked: counts for nothing` };
  const opening = { ...signing, next: t`next: published later`, current: t`current: opens`, previous: t`previous: still opens` };
  return (key) => (opens(key) ? opening : signing)[key.state];
}

export function colorOf(state: Key["state"]): string {
  return state === "current" ? "green" : state === "next" ? "blue" : state === "revoked" ? "red" : "gray";
}
