import { Button, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel, When } from "../../shell/Page";

interface Application {
  readonly client_id: string;
  readonly label: string;
  readonly is_first_party: boolean;
  /** In words. */
  readonly may: readonly string[];
  readonly given_at: string;
  readonly seen_at?: string;
  /** When it ends by itself, and is asked for again. */
  readonly ends_at: string | null;
}

export default function ApplicationsPage() {
  const { t } = useLingui();
  const [asked, setAsked] = useState<Application | null>(null);
  const found = useQuery({ queryKey: ["applications"], queryFn: ({ signal }) => api.get<{ items: Application[] }>("/a/keycell/account/applications", { signal }) });
  const revoke = useDoing(
    (one: Application) => api.delete(`/a/keycell/account/applications/${encodeURIComponent(one.client_id)}`),
    ["applications", "profile", "sessions"], t`The application has no access any more.`,
  );
  const signOut = useDoing(
    (one: Application) => api.delete(`/a/keycell/account/applications/${encodeURIComponent(one.client_id)}/sessions`),
    ["applications", "sessions"], t`Signed out of this application alone. What you allowed it stays.`,
  );
  return (
    <Page title={<Trans>Connected applications</Trans>} about={<Trans>What you allowed, and to whom. What you take back ends at once; signing out of one leaves you signed in here and elsewhere.</Trans>}>
      <Panel>
        <Asked of={found}>
          {(data) => data.items.length === 0 ? <Nothing><Trans>No application is connected.</Trans></Nothing> : (
            <Stack component="ul" gap="lg" style={{ listStyle: "none", padding: 0, margin: 0 }}>
              {data.items.map((one) => (
                <Group key={one.client_id} component="li" justify="space-between" align="flex-start">
                  <Stack gap={4} className="k-most">
                    <Text fw={600}><bdi>{one.label}</bdi></Text>
                    <ul className="k-points">{one.may.map((what) => <li key={what}>{what}</li>)}</ul>
                    <Text size="sm" c="dimmed"><Trans>allowed</Trans> <When at={one.given_at} />{one.seen_at ? <> · <Trans>last used</Trans> <When at={one.seen_at} /></> : null}{one.ends_at ? <> · <Trans>until</Trans> <When at={one.ends_at} /></> : null}</Text>
                  </Stack>
                  <Group gap="xs">
                    <Button size="xs" variant="default" aria-label={t`Sign out of ${one.label} alone`} onClick={() => signOut.mutate(one)}><Trans>Sign out</Trans></Button>
                    <Button size="xs" variant="default" aria-label={t`Take back what ${one.label} may do`} onClick={() => setAsked(one)}><Trans>Take back</Trans></Button>
                  </Group>
                </Group>
              ))}
            </Stack>
          )}
        </Asked>
      </Panel>
      <Confirm opened={asked !== null} title={t`Take back the access?`} action={t`Take back`} onClose={() => setAsked(null)} onYes={() => asked && revoke.mutate(asked)}>
        <Trans><bdi>{asked?.label}</bdi> loses its access at once, and asks you again when you next sign in to it.</Trans>
      </Confirm>
    </Page>
  );
}
