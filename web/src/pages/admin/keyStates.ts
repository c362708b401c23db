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

export function useKeyStates(): Readonly<Record<Key["state"], string>> {
  const { t } = useLingui();
  return { next: t`next: published, signs later`, current: t`current: signs`, previous: t`previous: still verifies`, revoked: t`revoked: counts for nothing` };
}

export function colorOf(state: Key["state"]): string {
  return state === "current" ? "green" : state === "next" ? "blue" : state === "revoked" ? "red" : "gray";
}
