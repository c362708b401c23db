/** Whether single characters are keys here; some speak to their browser, and it types. WCAG 2.1.4. */
const KEPT = "keycell-single-keys";

export function hasKeys(): boolean {
  return window.localStorage.getItem(KEPT) !== "off";
}

export function keepKeys(isOn: boolean): void {
  if (isOn) window.localStorage.removeItem(KEPT);
  else window.localStorage.setItem(KEPT, "off");
}
