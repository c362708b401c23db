import { Button, Stack } from "@mantine/core";
import { Plural, Trans } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../../api";
import { Happened, type Happening } from "../../shell/Happened";
import { Failed, Nothing, Page, Panel } from "../../shell/Page";

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

function beside(one: Event): ReactNode {
  if (one.origin?.ip && one.times > 1) return <><bdi>{one.origin.ip}</bdi> · <Plural value={one.times} one="# time that day" other="# times that day" /></>;
  if (one.origin?.ip) return <bdi>{one.origin.ip}</bdi>;
  return !one.is_own && OFTEN_OWN.test(one.action) ? <Trans>by an administrator</Trans> : undefined;
}

export default function ActivityPage() {
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
          {events.map((one) => <Happened key={one.event_id} of={one}>{beside(one)}</Happened>)}
        </Stack>
        {found.hasNextPage && <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}><Trans>Earlier</Trans></Button>}
      </Panel>
    </Page>
  );
}
