import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Failed, Nothing, Page, Panel, When } from "../../shell/Page";

interface Event {
  readonly event_id: string;
  readonly at: string;
  readonly action: string;
  readonly sentence: string;
  readonly result: string;
  readonly is_own: boolean;
  readonly origin: { ip: string; user_agent: string } | null;
}
interface Events {
  readonly items: readonly Event[];
  readonly next: string | null;
}

/** What one does oneself, or an administrator does for one. */
const OFTEN_OWN = /^(account|factor|personal|access-key)\.|^session\.ended$|^recovery\.link$/;

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
          {events.map((one) => (
            <Group key={one.event_id} component="li" justify="space-between" wrap="nowrap" align="flex-start">
              <div>
                <Group gap="xs"><Text><bdi>{one.sentence}</bdi></Text>{one.result === "refused" && <Badge color="red" variant="light"><Trans>refused</Trans></Badge>}</Group>
                {one.origin?.ip ? <Text size="sm" c="dimmed"><bdi>{one.origin.ip}</bdi></Text> : null}
                {!one.is_own && OFTEN_OWN.test(one.action) ? <Text size="sm" c="dimmed"><Trans>by an administrator</Trans></Text> : null}
              </div>
              <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}><When at={one.at} /></Text>
            </Group>
          ))}
        </Stack>
        {found.hasNextPage && <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}><Trans>Earlier</Trans></Button>}
      </Panel>
    </Page>
  );
}
