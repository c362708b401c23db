import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Options, said } from "../../api";
import { Because } from "./Because";

export interface Act {
  readonly label: string;
  /** Asked before it is done, with the reason: what comes of it. */
  readonly warning?: ReactNode;
  /** What else is known of each, told before it is done. */
  readonly about?: (id: string) => ReactNode;
  /** Only who types it may go on. */
  readonly typed?: string;
  /** Something that it needs is not said yet. */
  readonly isWaiting?: boolean;
  readonly of: (id: string, options: Options) => Promise<unknown>;
}
interface Refused {
  readonly id: string;
  readonly why: string;
}

const LISTED = 10;

/** What is done to all that are chosen, one after the other and for one reason; what was refused stays chosen, and says why. */
export function Bulk({ chosen, names, acts, changed, onChosen }: {
  chosen: readonly string[]; names: (id: string) => string; acts: readonly Act[]; changed: readonly string[]; onChosen: (ids: string[]) => void;
}) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [runs, setRuns] = useState(false);
  const [asked, ask] = useState("");
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const asks = acts.find((one) => one.label === asked);
  async function run(act: Act, options: Options) {
    setRuns(true);
    const failed: Refused[] = [];
    for (const id of chosen) {
      try {
        await act.of(id, options);
      } catch (error) {
        failed.push({ id, why: said(error) });
      }
    }
    setRuns(false);
    setRefused(failed);
    onChosen(failed.map((one) => one.id));
    await Promise.all(changed.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  }
  if (chosen.length === 0) return null;
  const count = chosen.length;
  return (
    <Stack gap="sm" role="region" aria-label={t`What is chosen`}>
      <Group>
        <Text fw={600}>{t`${plural(count, { one: "# chosen", other: "# chosen" })}`}</Text>
        {acts.map((act) => (
          <Button key={act.label} size="xs" variant="default" loading={runs} onClick={() => (act.warning ? ask(act.label) : void run(act, {}))}>{act.label}</Button>
        ))}
        <Button size="xs" variant="subtle" onClick={() => { setRefused([]); onChosen([]); }}><Trans>Choose none</Trans></Button>
      </Group>
      {refused.length > 0 && (
        <Alert color="red" role="alert" title={<Trans>That did not work for these</Trans>}>
          <List size="sm">{refused.map((one) => <List.Item key={one.id}><bdi>{names(one.id)}</bdi>: <bdi>{one.why}</bdi></List.Item>)}</List>
        </Alert>
      )}
      <Because onClose={() => ask("")} of={asks === undefined ? null : {
        title: asks.label, action: asks.label, run: (options) => void run(asks, options),
        ...(asks.typed === undefined ? {} : { typed: asks.typed }), ...(asks.isWaiting ? { isWaiting: true } : {}),
        warning: (
          <>
            {asks.warning}
            <List size="sm" mt="sm">{chosen.slice(0, LISTED).map((id) => <List.Item key={id}><bdi>{names(id)}</bdi>{asks.about && <Text size="sm" c="dimmed" component="div">{asks.about(id)}</Text>}</List.Item>)}</List>
            {count > LISTED && <Text size="sm">{t`and ${count - LISTED} more`}</Text>}
          </>
        ),
      }} />
    </Stack>
  );
}
