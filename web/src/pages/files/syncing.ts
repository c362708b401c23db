/** A person's own programs that may keep folders alike: the command line and its sync have one sign-in. */
import { api } from "../../api";

export interface Syncing {
  readonly kind: "browser" | "program";
  readonly id: string;
  readonly label: string;
  /** On which machine it was used last. */
  readonly device?: string;
  readonly is_first_party?: boolean;
  readonly scopes?: readonly string[];
  readonly seen_at: string;
}

export const SYNCING = ["syncing"];

export async function syncing(signal: AbortSignal): Promise<readonly Syncing[]> {
  const { items } = await api.get<{ items: Syncing[] }>("/a/keycell/account/sessions", { signal });
  return items.filter((one) => one.kind === "program" && one.is_first_party === true && one.scopes?.includes("files.write"));
}
