/** Who else is told what happens: receivers, and the secret by which they know that it is us. */
import { Button, Group, SimpleGrid, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Failed, Nothing, Page, Panel } from "../../shell/Page";
import { type Fresh, type Hook, HookCard, HOOKS } from "./HookCard";

interface Found {
  readonly items: readonly Hook[];
  readonly most: number;
  readonly actions: readonly string[];
}

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
            {data.items.map((one) => <HookCard key={one.hook_id} hook={one} onFresh={setFresh} />)}
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

/** All, each kind, and each event, as patterns have them. */
function patternsOf(actions: readonly string[]): string[] {
  return ["*", ...new Set(actions.map((one) => one.replace(/\..*/, ".*"))), "*.refused", ...actions.filter((one) => one !== "hook.failed")];
}

function Adding({ actions, onMade }: { actions: readonly string[]; onMade: (fresh: Fresh) => void }) {
  const { t } = useLingui();
  const [label, setLabel] = useState("");
  const [url, setUrl] = useState("");
  const [wanted, setWanted] = useState<string[]>([]);
  const add = useDoing(() => api.post<Fresh>(HOOKS, { label, url, actions: wanted }), ["hooks"]);
  const made = (fresh: Fresh) => {
    onMade(fresh);
    setLabel("");
    setUrl("");
    setWanted([]);
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); add.mutate(undefined, { onSuccess: made }); }}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t`Name`} required maxLength={100} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
          <TextInput label={t`Address`} type="url" required placeholder="https://" value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
        </SimpleGrid>
        <TagsInput label={t`Events`} description={t`By their names in the audit trail; * stands for any part of a name.`} withAsterisk clearable clearButtonProps={{ "aria-label": t`Clear` }}
          data={patternsOf(actions)} maxDropdownHeight={240} value={wanted} onChange={setWanted} />
        {add.error && <Failed error={add.error} />}
        <Group><Button type="submit" loading={add.isPending} disabled={wanted.length === 0}><Trans>Add</Trans></Button></Group>
      </Stack>
    </form>
  );
}
