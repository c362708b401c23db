/** Who else is told what happens: receivers, and the secret by which they know that it is us. */
import { Button, Group, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel } from "../../shell/Page";
import { type Fresh, type Hook, HookCard, HOOKS } from "./HookCard";
import { HookForm, type Said } from "./HookForm";

interface Found {
  readonly items: readonly Hook[];
  readonly most: number;
  readonly actions: readonly string[];
}

const NONE: Said = { label: "", url: "", actions: [] };

export default function HooksPage() {
  const { t } = useLingui();
  const [fresh, setFresh] = useState<Fresh | null>(null);
  const found = useQuery({
    queryKey: ["hooks"],
    queryFn: ({ signal }) => api.get<Found>(HOOKS, { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.waiting > 0) ? 3000 : 10_000),
  });
  return (
    <Page title={<Trans>Webhooks</Trans>} about={<Trans>Each event of the audit trail that you choose is posted to an address of yours, signed, and tried again for 12 hours until it is taken.</Trans>}>
      {fresh && (
        <Panel>
          <div key={fresh.secret} ref={bringIntoSight} role="status"><CopyBlock text={fresh.secret} label={t`The secret of “${fresh.label}”; it is shown this once`} isSecret /></div>
          <Group><Button variant="default" onClick={() => setFresh(null)}><Trans>I have kept it</Trans></Button></Group>
        </Panel>
      )}
      <Asked of={found}>
        {(data) => (
          <>
            {data.items.length === 0 && <Panel><Nothing><Trans>Nobody else is told what happens.</Trans></Nothing></Panel>}
            {data.items.map((one) => <HookCard key={one.hook_id} hook={one} known={data.actions} onFresh={setFresh} />)}
            <Panel title={<Trans>Add a webhook</Trans>}>
              {data.items.length < data.most
                ? <Adding actions={data.actions} onMade={setFresh} />
                : <Text><Trans>There are {data.most} already, which is the most; remove one first.</Trans></Text>}
            </Panel>
          </>
        )}
      </Asked>
    </Page>
  );
}

/** It was asked for further down. */
function bringIntoSight(shown: HTMLElement | null): void {
  shown?.scrollIntoView({ block: "center" });
}

function Adding({ actions, onMade }: { actions: readonly string[]; onMade: (fresh: Fresh) => void }) {
  const [times, setTimes] = useState(0);
  const add = useDoing((said: Said) => api.post<Fresh>(HOOKS, said), ["hooks"]);
  const made = (fresh: Fresh) => {
    onMade(fresh);
    setTimes(times + 1);
  };
  return <HookForm key={times} of={NONE} known={actions} error={add.error} isSaving={add.isPending} yes={<Trans>Add</Trans>} onSay={(said) => add.mutate(said, { onSuccess: made })} />;
}
