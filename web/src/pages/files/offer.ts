/** When this browser last offered a passkey, and whether it may again. */
const KEPT = "keycell-passkey-offer";
const NEVER = "never";
const REST_MS = 30 * 86_400_000;

export function isOffered(now: number): boolean {
  const kept = window.localStorage.getItem(KEPT);
  return kept === null || (kept !== NEVER && now >= Number(kept) + REST_MS);
}

export function noteOffer(now: number): void {
  window.localStorage.setItem(KEPT, String(now));
}

export function keepNo(): void {
  window.localStorage.setItem(KEPT, NEVER);
}
