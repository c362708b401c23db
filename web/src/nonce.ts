/** The page's nonce, told to whatever makes styles; imported first. Markup is never made from text. */
import { setNonce } from "get-nonce";

interface Policies {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown;
}

export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
setNonce(nonce);

const policies = (window as { trustedTypes?: Policies }).trustedTypes;
// The styles' text passes; whatever could be markup is refused.
policies?.createPolicy("default", { createHTML: (text) => (text.includes("<") ? null : text) });
