/** Which applications somebody does not want to see among theirs, kept by this browser. */

function nameOf(sub: string): string {
  return `keycell-hidden-apps:${sub}`;
}

export function hiddenOf(sub: string, store: Storage = window.localStorage): readonly string[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(nameOf(sub)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function keepHidden(sub: string, hidden: readonly string[], store: Storage = window.localStorage): void {
  store.setItem(nameOf(sub), JSON.stringify(hidden));
}
