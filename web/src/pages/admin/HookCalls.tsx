/** What a receiver was told, and what became of it. */
import { Badge, Button, Stack, Table, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, More, Nothing, When, Wide } from "../../shell/Page";

interface Call {
  readonly event_id: string;
  readonly action: string;
  readonly state: "waiting" | "taken" | "failed";
  readonly tries: number;
  readonly queued_at: string;
  readonly tried_at: string | null;
  readonly next_try_at: string | null;
  readonly status: number | null;
  readonly answer: string;
  readonly why: string;
}
interface Part {
  readonly items: readonly Call[];
  readonly next: string | null;
}
const PART = 10;
const ASKED_EVERY = 3000;

export function HookCalls({ at, label }: { at: string; label: string }) {
  const found = useInfiniteQuery({
    queryKey: ["hooks", at],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => api.get<Part>(`${at}/deliveries?${new URLSearchParams({ most: String(PART), ...(pageParam ? { before: pageParam } : {}) })}`, { signal }),
    getNextPageParam: (part) => part.next ?? undefined,
    // While something is on its way, one looks how it goes.
    refetchInterval: ({ state }) => (state.data?.pages.some((part) => part.items.some((one) => one.state === "waiting")) ? ASKED_EVERY : false),
  });
  return (
    <Asked of={found}>
      {(data) => {
        const [last] = data.pages[0]?.items ?? [];
        if (last === undefined) return <Nothing><Trans>Nothing was posted to it yet.</Trans></Nothing>;
        return (
          <details>
            <summary><Trans>Deliveries; the last</Trans> <When at={last.tried_at ?? last.queued_at} /> <State of={last} /></summary>
            <Stack mt="sm">
              <Rows at={at} label={label} calls={data.pages.flatMap((part) => part.items)} />
              <More of={found} />
            </Stack>
          </details>
        );
      }}
    </Asked>
  );
}

function Rows({ at, label, calls }: { at: string; label: string; calls: readonly Call[] }) {
  const { t } = useLingui();
  const replay = useDoing((id: string) => api.post(`${at}/deliveries/${id}/replay`), ["hooks"], t`It is posted in a moment.`);
  return (
    <Wide>
      <Table verticalSpacing="sm" aria-label={t`Deliveries: ${label}`}>
        <Table.Thead><Table.Tr><Table.Th><Trans>Event</Trans></Table.Th><Table.Th><Trans>State</Trans></Table.Th><Table.Th><Trans>When</Trans></Table.Th><Table.Th><Trans>Answer</Trans></Table.Th><Table.Td /></Table.Tr></Table.Thead>
        <Table.Tbody>
          {calls.map((one) => (
            <Table.Tr key={one.event_id} data-testid="delivery">
              <Table.Td><bdi>{one.action}</bdi></Table.Td>
              <Table.Td><State of={one} /><Text size="xs" c="dimmed">{t`${plural(one.tries, { one: "# attempt", other: "# attempts" })}`}</Text></Table.Td>
              <Table.Td>
                <When at={one.tried_at ?? one.queued_at} />
                {one.state === "waiting" && one.next_try_at && one.tries > 0 && <Text size="xs" c="dimmed"><Trans>again</Trans> <When at={one.next_try_at} /></Text>}
              </Table.Td>
              <Table.Td><Answer of={one} /></Table.Td>
              <Table.Td ta="end">
                {one.state !== "waiting" && <Button size="xs" variant="default" aria-label={t`Post again: ${one.action}`} onClick={() => replay.mutate(one.event_id)}><Trans>Post again</Trans></Button>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function State({ of: { state } }: { of: Call }) {
  if (state === "taken") return <Badge variant="light" color="green"><Trans>taken</Trans></Badge>;
  if (state === "failed") return <Badge variant="light" color="red"><Trans>given up</Trans></Badge>;
  return <Badge variant="light" color="yellow"><Trans>waiting</Trans></Badge>;
}

/** The status, or why there is none; with what the receiver said, for whoever wants to read it. */
function Answer({ of: { status, why, answer } }: { of: Call }) {
  const said = status === null ? why || "—" : String(status);
  if (!answer) return <bdi>{said}</bdi>;
  return (
    <details>
      <summary>{said}</summary>
      <Text size="xs" ff="monospace" component="pre" m={0} maw="24rem" mah="10rem" tabIndex={0} style={{ overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}><bdi>{answer}</bdi></Text>
    </details>
  );
}
