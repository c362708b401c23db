import { Anchor, Button, Group, Stack } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../../api";
import { exactly } from "../../format";
import { useDoing } from "../../shell/doing";
import { Happened, type Happening } from "../../shell/Happened";
import { Failed, Nothing, Page, Panel } from "../../shell/Page";
import { To } from "../../shell/To";

interface Event extends Happening {
  readonly event_id: string;
  readonly is_own: boolean;
  readonly origin: { ip: string; user_agent: string } | null;
  readonly times: number;
}
interface Events {
  readonly items: readonly Event[];
  readonly next: string | null;
}

/** What one does oneself, or an administrator does for one. */
const OFTEN_OWN = /^(account|factor|personal|access-key)\.|^session\.ended$|^recovery\.link$/;

/** Where that stands now of which something is told, by the kind of what happened. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^(session|trust|browser)\./, "/account/sessions"],
  [/^(grant|token)\./, "/account/sessions"],
  [/^(consent|backchannel)\./, "/account/applications"],
  [/^(personal|access-key)\./, "/account/tokens"],
  [/^(account|address)\./, "/account"],
];
const FACTORS = "/account/basic/factors";

/** Leads from what happened to where it can be mended, or to the end of everything. */
function Ways({ of, onNotMe }: { of: Event; onNotMe: () => void }) {
  const { t } = useLingui();
  const place = PLACES.find(([kind]) => kind.test(of.action))?.[1];
  const { sentence } = of;
  const then = exactly(of.at);
  return (
    <Group gap="xs" component="span" display="inline-flex">
      {place !== undefined && <Anchor size="sm" aria-label={t`Look: ${sentence}, ${then}`} renderRoot={(props) => <To to={place} {...props} />}><Trans>Look</Trans></Anchor>}
      {of.action.startsWith("factor.") && <Anchor size="sm" href={FACTORS} aria-label={t`Look: ${sentence}, ${then}`}><Trans>Look</Trans></Anchor>}
      {of.is_own && <Anchor size="sm" component="button" type="button" aria-label={t`This wasn’t me: ${sentence}, ${then}`} onClick={onNotMe}><Trans>This wasn’t me</Trans></Anchor>}
    </Group>
  );
}

function beside(one: Event): ReactNode {
  if (one.origin?.ip && one.times > 1) return <><bdi>{one.origin.ip}</bdi> · <Plural value={one.times} one="# time that day" other="# times that day" /></>;
  if (one.origin?.ip) return <bdi>{one.origin.ip}</bdi>;
  return !one.is_own && OFTEN_OWN.test(one.action) ? <Trans>by an administrator</Trans> : undefined;
}

export default function ActivityPage() {
  const notMe = useDoing(async () => {
    const { address } = await api.post<{ address: string }>("/a/keycell/account/not-me");
    window.location.assign(address);
  }, []);
  const found = useInfiniteQuery({
    queryKey: ["activity"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get<Events>(`/a/keycell/account/activity?${new URLSearchParams(pageParam ? { before: pageParam } : {})}`, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const events = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={<Trans>Activity</Trans>} about={<Trans>What was done by you and to your account. Something you do not know? Change your password and sign out everywhere else.</Trans>}>
      <Panel>
        {found.error && <Failed error={found.error} />}
        {found.data && events.length === 0 && <Nothing><Trans>Nothing yet.</Trans></Nothing>}
        <Stack component="ol" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
          {events.map((one) => <Happened key={one.event_id} of={one}>{beside(one)} <Ways of={one} onNotMe={() => notMe.mutate(undefined)} /></Happened>)}
        </Stack>
        {found.hasNextPage && <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}><Trans>Earlier</Trans></Button>}
      </Panel>
    </Page>
  );
}
