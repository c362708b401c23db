/** An application as it was exported here or elsewhere: looked at first, then registered. */
import { Alert, Button, Checkbox, Code, FileButton, Group, Stack, Text, Textarea } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, said } from "../../api";
import { useDoing } from "../../shell/doing";
import { Panel } from "../../shell/Page";
import type { Made } from "./wizard";

export function FromFile({ onMade }: { onMade: (made: Made) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [isReplacing, setReplacing] = useState(false);
  const bring = (is_dry_run: boolean) => api.post<Made>("/a/keycell/admin/client-import", { document: JSON.parse(text) as unknown, is_replacing: isReplacing, is_dry_run });
  const look = useDoing(() => bring(true), []);
  const make = useDoing(() => bring(false), ["clients", "overview", "checklist"]);
  const change = (next: string) => { setText(next); look.reset(); make.reset(); };
  const error = look.error ?? make.error;
  return (
    <Panel title={<Trans>From a file</Trans>}>
      <Text c="dimmed" size="sm"><Trans>What “Export” of an application gave, here or on another server. It holds no secret: the application gets a new one.</Trans></Text>
      <form onSubmit={(event) => { event.preventDefault(); make.mutate(undefined, { onSuccess: onMade }); }}>
        <Stack>
          <Group><FileButton accept="application/json,.json" onChange={(file) => void file?.text().then(change)}>{(props) => <Button variant="default" {...props}><Trans>Choose a file</Trans></Button>}</FileButton></Group>
          <Textarea label={t`Document`} required autosize minRows={4} maxRows={16} spellCheck={false} value={text} onChange={(event) => change(event.currentTarget.value)} />
          <Checkbox label={t`Replace the application of the same client_id, if there is one; its secret stays`} checked={isReplacing} onChange={(event) => { setReplacing(event.currentTarget.checked); look.reset(); }} />
          {error && <Alert color="red" role="alert"><bdi>{said(error)}</bdi></Alert>}
          {look.data && (
            <Stack gap={4} aria-live="polite">
              <Text size="sm" fw={600}><Trans>What will be registered</Trans></Text>
              <Text size="sm"><bdi>{look.data.client_name}</bdi> <Code>{look.data.client_id}</Code></Text>
              {(look.data.redirect_uris ?? []).map((uri) => <Code key={uri} block>{uri}</Code>)}
            </Stack>
          )}
          <Group>
            <Button variant="default" disabled={text.trim() === ""} loading={look.isPending} onClick={() => look.mutate(undefined)}><Trans>Look at it first</Trans></Button>
            <Button type="submit" disabled={look.data === undefined} loading={make.isPending}><Trans>Register</Trans></Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
