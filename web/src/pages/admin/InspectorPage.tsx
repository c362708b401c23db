import { Badge, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { moment } from "../../format";
import { CopyBlock } from "../../shell/CopyBlock";
import { Failed, Page, Panel } from "../../shell/Page";
import { TokenClaims } from "./InspectorClaims";

interface Inspected {
  readonly is_ours: boolean;
  readonly kind: string;
  readonly is_active: boolean;
  readonly why_not: string;
  readonly claims: Record<string, unknown>;
  readonly login?: string | null;
  readonly client_name?: string;
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
            <Group gap="xs">
              {found.is_ours ? <Badge color="green" variant="light"><Trans>ours</Trans></Badge> : <Badge color="orange" variant="light"><Trans>not ours</Trans></Badge>}
              {found.is_active ? <Badge color="green" variant="light"><Trans>opens something</Trans></Badge> : <Badge color="red" variant="light"><Trans>opens nothing</Trans></Badge>}
              <Badge variant="default">{found.kind}</Badge>
            </Group>
            {found.why_not && <Text><bdi>{found.why_not}</bdi></Text>}
            {found.is_active && (
              <Text>
                <Trans>Of</Trans> <bdi>{found.login ?? "—"}</bdi>{found.client_name ? <>, <Trans>for</Trans> <bdi>{found.client_name}</bdi></> : null}
                {found.expires_at ? <>, <Trans>until</Trans> {moment(Date.parse(found.expires_at) / 1000)}</> : null}. {(found.scopes ?? []).join(" ")}
              </Text>
            )}
          </Stack>
        )}
        {decoded && (
          <>
            <TokenClaims claims={decoded.claims as Record<string, unknown>} />
            <CopyBlock label={t`Header`} text={JSON.stringify(decoded.header, null, 2)} />
            <CopyBlock label={t`Claims`} text={JSON.stringify(decoded.claims, null, 2)} />
          </>
        )}
      </Panel>
    </Page>
  );
}
