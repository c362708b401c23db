/** What an administrator says of a receiver: its name, its address, and the events that it is told. */
import { Button, Group, SimpleGrid, Stack, TagsInput, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Failed } from "../../shell/Page";

export interface Said {
  readonly label: string;
  readonly url: string;
  readonly actions: readonly string[];
}

/** All, each kind, and each event, as patterns have them. */
function patternsOf(actions: readonly string[]): string[] {
  return ["*", ...new Set(actions.map((one) => one.replace(/\..*/, ".*"))), "*.refused", ...actions.filter((one) => one !== "hook.failed")];
}

export function HookForm({ of, known, error, isSaving, yes, onSay, onNo }: {
  of: Said; known: readonly string[]; error: unknown; isSaving: boolean; yes: ReactNode; onSay: (said: Said) => void; onNo?: () => void;
}) {
  const { t } = useLingui();
  const [said, setSaid] = useState(of);
  const say = (more: Partial<Said>) => setSaid({ ...said, ...more });
  return (
    <form onSubmit={(event) => { event.preventDefault(); onSay(said); }}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t`Name`} required maxLength={100} value={said.label} onChange={(event) => say({ label: event.currentTarget.value })} />
          <TextInput label={t`Address`} type="url" required placeholder="https://" value={said.url} onChange={(event) => say({ url: event.currentTarget.value })} />
        </SimpleGrid>
        <TagsInput label={t`Events`} description={t`By their names in the audit trail; * stands for any part of a name.`} withAsterisk clearable clearButtonProps={{ "aria-label": t`Clear` }}
          data={patternsOf(known)} maxDropdownHeight={240} value={[...said.actions]} onChange={(actions) => say({ actions })} />
        {error !== null && <Failed error={error} />}
        <Group>
          <Button type="submit" loading={isSaving} disabled={said.actions.length === 0}>{yes}</Button>
          {onNo && <Button variant="default" onClick={onNo}><Trans>Cancel</Trans></Button>}
        </Group>
      </Stack>
    </form>
  );
}
