/** All of one person, as the server tells it at once. */
import type { Event } from "./EventList";
import type { Person } from "./people";

export interface Factor {
  readonly id: string;
  readonly kind: "passkey" | "app";
  /** Who keeps a passkey; empty where nobody knows. */
  readonly provider: string;
  readonly is_synced: boolean;
  readonly name: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
}
export interface Acting {
  readonly client_id: string;
  readonly label: string;
  readonly is_first_party: boolean;
  /** In words. */
  readonly may: readonly string[];
  readonly seen_at: string;
  /** When what was allowed it ends by itself. */
  readonly ends_at: string | null;
}
export interface Whole {
  readonly account: Person & { readonly email_verified: boolean };
  readonly groups: readonly { path: string; label: string }[];
  readonly roles: readonly { role_id: string; label: string }[];
  readonly factors: { readonly items: readonly Factor[]; readonly recovery_codes_left: number; readonly trusted_browsers: number };
  readonly sessions: readonly { sid: string; browser: string; ip: string; seen_at: string }[];
  readonly applications: readonly Acting[];
  readonly tokens: readonly { token_id: string; label: string; may: readonly string[]; expires_at: string; last_used_at: string | null }[];
  readonly storage: { readonly used: number; readonly quota: number | null; readonly nodes: number } | null;
  readonly events: readonly Event[];
}

export function addressOf(login: string): string {
  return `/a/keycell/admin/users/${encodeURIComponent(login)}`;
}
