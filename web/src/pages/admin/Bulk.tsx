import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../api";
import { Confirm } from "../../shell/Confirm";

export interface Act {
  readonly label: string;
  /** Asked before it is done: what comes of it. */
  readonly warning?: string;
  readonly of: (id: string) => Promise<unknown>;
}
interface Refused {
  readonly id: string;
  readonly why: string;
}

/** What is done to all that are chosen, one after the other; what was refused stays chosen, with its reason. */
export function Bulk({ chosen, names, acts, changed, onChosen }: {
  chosen: readonly string[]; names: (id: string) => string; acts: readonly Act[]; changed: readonly string[]; onChosen: (ids: string[]) => void;
}) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [runs, setRuns] = useState(false);
  const [asks, setAsks] = useState<Act | null>(null);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  async function run(act: Act) {
    setAsks(null);
    setRuns(true);
    const failed: Refused[] = [];
    for (const id of chosen) {
      try {
        await act.of(id);
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
          <Button key={act.label} size="xs" variant="default" loading={runs} onClick={() => (act.warning ? setAsks(act) : void run(act))}>{act.label}</Button>
        ))}
        <Button size="xs" variant="subtle" onClick={() => { setRefused([]); onChosen([]); }}><Trans>Choose none</Trans></Button>
      </Group>
      {refused.length > 0 && (
        <Alert color="red" role="alert" title={<Trans>That did not work for these</Trans>}>
          <List size="sm">{refused.map((one) => <List.Item key={one.id}><bdi>{names(one.id)}</bdi>: <bdi>{one.why}</bdi></List.Item>)}</List>
        </Alert>
      )}
      <Confirm opened={asks !== null} title={asks?.label ?? ""} action={asks?.label ?? ""} onClose={() => setAsks(null)} onYes={() => asks && void run(asks)}>
        {asks?.warning}
        <List size="sm" mt="sm">{chosen.slice(0, 10).map((id) => <List.Item key={id}><bdi>{names(id)}</bdi></List.Item>)}</List>
        {count > 10 && <Text size="sm">…</Text>}
      </Confirm>
    </Stack>
  );
}
