import { Badge, Button, Code, Group, Stack, Text, Textarea } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { moment } from "../../format";
import { CopyBlock } from "../../shell/CopyBlock";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Failed, Page, Panel } from "../../shell/Page";
import { TokenClaims } from "./InspectorClaims";
import { TokenTimes } from "./InspectorTimes";
import { type Key, colorOf, useKeyState } from "./keyStates";

interface Inspected {
  readonly is_ours: boolean;
  readonly kind: string;
  readonly is_active: boolean;
  readonly why_not: string;
  readonly claims: Record<string, unknown>;
  readonly login?: string | null;
  readonly client_id?: string;
  readonly client_name?: string;
  readonly grant_id?: string | null;
  readonly issued_at?: string;
  readonly scopes?: readonly string[];
  readonly expires_at?: string;
}

/** The parts of a JWT as they stand, read here: nothing is verified by it. */
export function decode(token: string): { header: unknown; claims: unknown } | null {
  const [header, claims, ...rest] = token.trim().split(".");
  if (!header || !claims || rest.length !== 1) return null;
  try {
    const read = { header: part(header), claims: part(claims) };
    return typeof read.claims === "object" && read.claims !== null ? read : null;
  } catch {
    return null;
  }
}

function part(text: string): unknown {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

export default function InspectorPage() {
  const { t } = useLingui();
  const [token, setToken] = useState("");
  const decoded = decode(token);
  const inspect = useMutation({ mutationFn: () => api.post<Inspected>("/a/keycell/admin/tokens/inspect", { token }) });
  const found = inspect.data;
  return (
    <Page title={<Trans>Token inspector</Trans>} about={<Trans>Paste a token of any kind. It is kept nowhere and written to no log.</Trans>}>
      <Panel>
        <form onSubmit={(event) => { event.preventDefault(); inspect.mutate(); }}>
          <Stack>
            <Textarea label={t`Token`} autosize minRows={3} maxRows={8} spellCheck={false} autoComplete="off" value={token} onChange={(event) => { setToken(event.currentTarget.value); inspect.reset(); }} />
            <Group><Button type="submit" disabled={token.trim() === ""} loading={inspect.isPending}><Trans>Inspect</Trans></Button></Group>
          </Stack>
        </form>
        {inspect.error && <Failed error={inspect.error} />}
        {found && (
          <Stack gap="xs" aria-live="polite">
            <Standing of={found} />
            {found.is_active && <Ending token={token} found={found} onEnded={() => inspect.mutate()} />}
          </Stack>
        )}
        {decoded && (
          <>
            <TokenKey header={decoded.header} isVerified={found?.is_ours} />
            <TokenClaims claims={decoded.claims as Record<string, unknown>} />
            <CopyBlock label={t`Header`} text={JSON.stringify(decoded.header, null, 2)} />
            <CopyBlock label={t`Claims`} text={JSON.stringify(decoded.claims, null, 2)} />
          </>
        )}
        {found && !decoded && found.issued_at && found.expires_at && (
          <TokenTimes claims={{ iat: Date.parse(found.issued_at) / 1000, exp: Date.parse(found.expires_at) / 1000 }} />
        )}
      </Panel>
    </Page>
  );
}

/** What the server says of it. */
function Standing({ of: found }: { of: Inspected }) {
  return (
    <>
      <Group gap="xs">
        {found.is_ours ? <Badge color="green" variant="light"><Trans>ours</Trans></Badge> : <Badge color="orange" variant="light"><Trans>not ours</Trans></Badge>}
        {found.is_active ? <Badge color="green" variant="light"><Trans>opens something</Trans></Badge> : <Badge color="red" variant="light"><Trans>opens nothing</Trans></Badge>}
        <Badge variant="default">{found.kind}</Badge>
      </Group>
      {found.why_not && <Text><bdi>{found.why_not}</bdi></Text>}
      {found.expires_at && (
        <Text>
          <Trans>Of</Trans> <bdi>{found.login ?? "—"}</bdi>{found.client_name ? <>, <Trans>for</Trans> <bdi>{found.client_name}</bdi></> : null}
          , <Trans>until</Trans> {moment(Date.parse(found.expires_at) / 1000)}. {(found.scopes ?? []).join(" ")}
        </Text>
      )}
    </>
  );
}

/** Whoever found a token where it should not be ends it here. */
function Ending({ token, found, onEnded }: { token: string; found: Inspected; onEnded: () => void }) {
  const { t } = useLingui();
  const [asks, setAsks] = useState<"" | "token" | "grant">("");
  const end = useDoing((with_grant: boolean) => api.post("/a/keycell/admin/tokens/end", { token, with_grant }), [], t`It opens nothing any more.`);
  const name = found.client_name || found.client_id;
  // A refresh token always takes its grant with it.
  const isAlone = found.kind !== "refresh token";
  return (
    <Group>
      {isAlone && <Button variant="default" onClick={() => setAsks("token")}><Trans>End this token</Trans></Button>}
      {found.grant_id && <Button color="red" variant="light" onClick={() => setAsks("grant")}><Trans>End all access that it is part of</Trans></Button>}
      <Confirm opened={asks !== ""} title={asks === "grant" ? t`End all access that it is part of?` : t`End this token?`} action={t`End it`}
        onClose={() => setAsks("")} onYes={() => end.mutate(asks === "grant", { onSuccess: onEnded })}>
        {asks === "grant" ? <Trans>What <bdi>{name}</bdi> was given by this sign-in ends with every token of it: the person has to sign in there again.</Trans>
          : found.grant_id ? <Trans>It opens nothing from now on. <bdi>{name}</bdi> can get another one while its access stands.</Trans>
          : <Trans>It opens nothing from now on, and cannot be brought back.</Trans>}
      </Confirm>
    </Group>
  );
}

/** Which key it says it is signed by, among ours; that it is, only the server can say. */
function TokenKey({ header, isVerified }: { header: unknown; isVerified: boolean | undefined }) {
  const stateOf = useKeyState();
  const { alg, kid } = (header ?? {}) as { alg?: unknown; kid?: unknown };
  const keys = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => api.get<{ items: Key[] }>("/a/keycell/admin/keys", { signal }) });
  if (keys.data === undefined) return null;
  const key = keys.data.items.find((one) => one.kid === kid && one.alg === alg);
  return (
    <Group gap="xs">
      <Text fw={600} size="sm"><Trans>Key</Trans></Text>
      {typeof kid === "string" && <Code>{kid}</Code>}
      {key ? <Badge variant="light" color={colorOf(key.state)}>{stateOf(key)}</Badge> : <Text size="sm" c="dimmed"><Trans>No key of this server has this name.</Trans></Text>}
      {isVerified !== undefined && (isVerified ? <Badge color="green" variant="light"><Trans>signature verified</Trans></Badge> : <Badge color="red" variant="light"><Trans>signature not verified</Trans></Badge>)}
    </Group>
  );
}
