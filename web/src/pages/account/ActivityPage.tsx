import { Button, Group, Stack, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Failed, Nothing, Page, Panel, When } from "../../shell/Page";

interface Event {
  readonly event_id: string;
  readonly at: string;
  readonly sentence: string;
  readonly origin: { ip: string; user_agent: string } | null;
}
interface Events {
  readonly items: readonly Event[];
  readonly next: string | null;
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
          {events.map((one) => (
            <Group key={one.event_id} component="li" justify="space-between" wrap="nowrap" align="flex-start">
              <div>
                <Text><bdi>{one.sentence}</bdi></Text>
                {one.origin?.ip ? <Text size="sm" c="dimmed"><bdi>{one.origin.ip}</bdi></Text> : null}
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
