/** What the trial needs of the browser: chance, digests, and word from the window that came back. */

const CHANNEL = "keycell-tried";

export function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** A verifier and its challenge. RFC7636-4 */
export async function makePkce(): Promise<{ verifier: string; challenge: string }> {
  const verifier = random();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/** Browsers digest only on https or on this machine itself. */
export function canDigest(): boolean {
  return window.isSecureContext;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The answer with our state, once the other window came back; null if it is given up. Another's answer is not looked at. */
export function awaitAnswer(state: string, signal: AbortSignal): Promise<URLSearchParams | null> {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise<URLSearchParams | null>((done) => {
    if (signal.aborted) done(null);
    signal.addEventListener("abort", () => done(null));
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      const answer = new URLSearchParams(typeof data === "string" ? data : "");
      if (answer.get("state") === state) done(answer);
    });
  }).finally(() => channel.close());
}

export function tellAnswer(query: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(query);
  channel.close();
}

/** Wait for so many seconds; false if it is given up meanwhile. */
export function rest(seconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    if (signal.aborted) done(false);
    const timer = setTimeout(() => done(true), seconds * 1000);
    signal.addEventListener("abort", () => { clearTimeout(timer); done(false); }, { once: true });
  });
}

const WINDOW = "popup,width=520,height=760";

/** The other window, by its name: opened once more, it is the same one if it is still there. */
export function openWindow(address: string): Window | null {
  return window.open(address, "keycell-try", WINDOW);
}
