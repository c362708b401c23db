/** Claims of several tokens beside each other. */
export type Claims = Readonly<Record<string, unknown>>;

export interface ClaimRow {
  readonly claim: string;
  readonly values: readonly (string | undefined)[];
  /** It stands in more than one, and not as the same. */
  readonly differs: boolean;
}

/** About the person first, then what is of the protocol. */
const OF_PROTOCOL = new Set(["iss", "aud", "client_id", "scope", "jti", "gid", "iat", "exp", "auth_time", "acr", "amr", "nonce", "sid", "at_hash", "c_hash", "s_hash", "may_act", "cnf", "authorization_details"]);

export function rowsOf(...tokens: readonly Claims[]): ClaimRow[] {
  const names = [...new Set(tokens.flatMap((one) => Object.keys(one)))];
  const about = names.filter((one) => !OF_PROTOCOL.has(one));
  return [...about, ...names.filter((one) => OF_PROTOCOL.has(one))].map((claim) => {
    const values = tokens.map((one) => (claim in one ? written(one[claim]) : undefined));
    return { claim, values, differs: new Set(values.filter((one) => one !== undefined)).size > 1 };
  });
}

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
