import { Alert, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconBrowser, IconTerminal2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { exactly } from "../../format";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel, When } from "../../shell/Page";

interface Held {
  readonly kind: "browser" | "program";
  readonly id: string;
  readonly label: string;
  /** On which machine a program was used last. */
  readonly device?: string;
  readonly ip?: string;
  readonly is_first_party?: boolean;
  readonly created_at: string;
  readonly seen_at: string;
  readonly expires_at?: string;
  /** When what was allowed it ends, however it is used. */
  readonly ends_at?: string | null;
  readonly is_current: boolean;
  /** It is in a kind of browser, or in a network, that was never here before. */
  readonly is_unknown?: boolean;
}

interface Trusted {
  readonly id: string;
  readonly label: string;
  readonly ip: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string | null;
}

/** Browsers in which the password alone signs in; nothing at all where there are none. */
function TrustedBrowsers() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["trusted"], queryFn: ({ signal }) => api.get<{ items: Trusted[] }>("/a/keycell/account/trusted-browsers", { signal }) });
  const end = useDoing(
    (one: Trusted) => api.delete(`/a/keycell/account/trusted-browsers/${encodeURIComponent(one.id)}`),
    ["trusted"], t`The next sign-in there asks for a second step again.`,
  );
  if (!found.data?.items.length) return null;
  // Two browsers of one kind are told apart by when.
  const named = (one: Trusted) => {
    const label = one.label || t`Unknown browser`;
    const moment = exactly(one.created_at);
    return t`Ask for it again: ${label}, since ${moment}`;
  };
  return (
    <Panel title={<Trans>Browsers without a second step</Trans>}>
      <Text size="sm" c="dimmed"><Trans>You said that nobody else uses them. There your password alone signs you in; what is grave still wants the second step. A new password, a change of your factors and “Sign out everywhere else” end this too.</Trans></Text>
      <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
        {found.data.items.map((one) => (
          <Group key={one.id} component="li" justify="space-between" gap="xs" data-testid="trusted-browser">
            <Group className="k-most" wrap="nowrap" align="flex-start">
              <IconBrowser aria-hidden style={{ flexShrink: 0 }} />
              <div>
                <Text fw={600}><bdi>{one.label || t`Unknown browser`}</bdi></Text>
                <Text size="sm" c="dimmed">
                  <bdi>{one.ip}</bdi> · <Trans>since</Trans> <When at={one.created_at} /> · <Trans>until</Trans> <When at={one.expires_at} />
                </Text>
              </div>
            </Group>
            <Button size="xs" variant="default" aria-label={named(one)} onClick={() => end.mutate(one)}><Trans>Ask for it again</Trans></Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

export default function SessionsPage() {
  const { t } = useLingui();
  const [asks, setAsks] = useState(false);
  const found = useQuery({ queryKey: ["sessions"], queryFn: ({ signal }) => api.get<{ items: Held[] }>("/a/keycell/account/sessions", { signal }) });
  const end = useDoing(
    (one: Held) => api.delete(`/a/keycell/account/${one.kind === "browser" ? "sessions" : "grants"}/${encodeURIComponent(one.id)}`),
    ["sessions"], t`Signed out there.`,
  );
  const endOthers = useDoing(() => api.delete("/a/keycell/account/sessions"), ["sessions", "trusted"], t`Signed out everywhere else.`);
  const know = useDoing(() => api.put("/a/keycell/account/sessions/known"), ["sessions", "security"], t`They are known from now on.`);
  const named = (one: Held) => {
    const label = one.label || t`Unknown browser`;
    const moment = exactly(one.created_at);
    return t`Sign out ${label}, since ${moment}`;
  };
  return (
    <Page
      title={<Trans>Sessions and devices</Trans>}
      about={<Trans>Every browser and program that is signed in as you: the command line and sync, and applications that keep their access while you are away.</Trans>}
      actions={<Button variant="default" onClick={() => setAsks(true)}><Trans>Sign out everywhere else</Trans></Button>}
    >
      {found.data?.items.some((one) => one.is_unknown) && (
        <Alert color="orange" title={t`Do you know every browser here?`} data-testid="unknown">
          <Stack gap="xs" align="flex-start">
            <Text size="sm"><Trans>Sign out what you do not know, and change your password: whoever was there may know it.</Trans></Text>
            <Button size="xs" variant="default" onClick={() => know.mutate(undefined)}><Trans>I know all of them</Trans></Button>
          </Stack>
        </Alert>
      )}
      <Panel>
        <Asked of={found}>
          {(data) => (
            <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {data.items.map((one) => (
                <Group key={one.id} component="li" justify="space-between" gap="xs" data-testid={`session-${one.kind}`}>
                  <Group className="k-most" wrap="nowrap" align="flex-start">
                    {one.kind === "browser" ? <IconBrowser aria-hidden style={{ flexShrink: 0 }} /> : <IconTerminal2 aria-hidden style={{ flexShrink: 0 }} />}
                    <div>
                      <Group gap="xs">
                        <Text fw={600}><bdi>{one.label || t`Unknown browser`}</bdi></Text>
                        {one.is_first_party === false && <Badge variant="light" color="gray"><Trans>while you are away</Trans></Badge>}
                        {one.is_unknown && <Badge variant="light" color="orange"><Trans>never here before</Trans></Badge>}
                        {one.is_current && <Badge variant="light" color="green"><Trans>this one</Trans></Badge>}
                      </Group>
                      <Text size="sm" c="dimmed">
                        {[one.device, one.ip].filter(Boolean).map((what) => <span key={what}><bdi>{what}</bdi> · </span>)}
                        <Trans>last seen</Trans> <When at={one.seen_at} /> · <Trans>first seen</Trans> <When at={one.created_at} />
                        {one.expires_at ? <> · <Trans>until</Trans> <When at={one.ends_at ?? one.expires_at} /></> : null}
                      </Text>
                    </div>
                  </Group>
                  {!one.is_current && (
                    <Button size="xs" variant="default" aria-label={named(one)} onClick={() => end.mutate(one)}><Trans>Sign out</Trans></Button>
                  )}
                </Group>
              ))}
            </Stack>
          )}
        </Asked>
      </Panel>
      <TrustedBrowsers />
      <Confirm opened={asks} title={t`Sign out everywhere else?`} action={t`Sign out`} onClose={() => setAsks(false)} onYes={() => endOthers.mutate(undefined)}>
        <Trans>Every other browser, the command line, sync and applications must sign in again. Personal access tokens stay.</Trans>
      </Confirm>
    </Page>
  );
}
