import type { Client } from "./ClientsPage";

/** An application just registered: its secret, and its own configuration if we know it, are there this once. */
export interface Made extends Client {
  readonly client_secret?: string;
  readonly block?: string;
}
