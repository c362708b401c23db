/** One receiver: how it stands, and what can be done with it. */
import { Alert, Badge, Button, Group, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api } from "../../api";
import { count, moment } from "../../format";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Panel, When } from "../../shell/Page";
import { HookCalls } from "./HookCalls";
import { HookForm, type Said } from "./HookForm";

export const HOOKS = "/a/keycell/admin/hooks";

export interface Hook extends Said {
  readonly hook_id: string;
  readonly is_paused: boolean;
  readonly failing_since: string | null;
  readonly failing_why: string;
  readonly former_secret_until: string | null;
  readonly waiting: number;
}
export interface Fresh {
  readonly label: string;
  readonly secret: string;
}

export function HookCard({ hook, known, onFresh }: { hook: Hook; known: readonly string[]; onFresh: (fresh: Fresh) => void }) {
  const { t } = useLingui();
  const [isEdited, setEdited] = useState(false);
  const change = useDoing((said: Said) => api.put(`${HOOKS}/${hook.hook_id}`, said), ["hooks"], t`Saved.`);
  const { failing_since: since, former_secret_until: until } = hook;
  return (
    <Panel title={<Group gap="xs"><bdi>{hook.label}</bdi><State of={hook} /></Group>}>
      <div>
        <Text style={{ overflowWrap: "anywhere" }}><bdi>{hook.url}</bdi></Text>
        <Text size="sm" c="dimmed"><bdi>{hook.actions.join(", ")}</bdi></Text>
        {until && isAhead(until) && <Text size="sm"><Trans>The secret before still signs beside the new one, until {moment(Date.parse(until) / 1000)}.</Trans></Text>}
      </div>
      {since && <Alert color="red" title={<Trans>Events do not arrive</Trans>}><Trans>Since</Trans> <When at={since} />: <bdi>{hook.failing_why}</bdi></Alert>}
      {isEdited
        ? <HookForm of={{ label: hook.label, url: hook.url, actions: hook.actions }} known={known} error={change.error} isSaving={change.isPending} yes={<Trans>Save</Trans>} onSay={(said) => change.mutate(said, { onSuccess: () => setEdited(false) })} onNo={() => setEdited(false)} />
        : <Acts of={hook} onEdit={() => setEdited(true)} onFresh={onFresh} />}
      <HookCalls at={`${HOOKS}/${hook.hook_id}`} label={hook.label} />
    </Panel>
  );
}

function isAhead(at: string): boolean {
  return Date.parse(at) > Date.now();
}

function State({ of: hook }: { of: Hook }) {
  return (
    <>
      {hook.is_paused ? <Badge variant="light" color="gray"><Trans>paused</Trans></Badge>
        : hook.failing_since ? <Badge variant="light" color="red"><Trans>failing</Trans></Badge>
          : <Badge variant="light" color="green"><Trans>active</Trans></Badge>}
      {hook.waiting > 0 && <Badge variant="light" color="yellow"><Trans>waiting: {count(hook.waiting)}</Trans></Badge>}
    </>
  );
}

function Acts({ of: { hook_id: id, label, is_paused: isPaused }, onEdit, onFresh }: { of: Hook; onEdit: () => void; onFresh: (fresh: Fresh) => void }) {
  const { t } = useLingui();
  const [asks, ask] = useState<"" | "renew" | "remove">("");
  const at = `${HOOKS}/${id}`;
  const test = useDoing(() => api.post(`${at}/test`), ["hooks"], t`It is posted in a moment.`);
  const turn = useDoing(() => api.put(at, { is_paused: !isPaused }), ["hooks"]);
  const renew = useDoing(() => api.post<Fresh>(`${at}/secret`), ["hooks"]);
  const remove = useDoing(() => api.delete(at), ["hooks"], t`The webhook is removed.`);
  return (
    <Group gap="xs">
      {!isPaused && <Button variant="default" loading={test.isPending} aria-label={t`Send a test: ${label}`} onClick={() => test.mutate(undefined)}><Trans>Send a test</Trans></Button>}
      <Button variant="default" loading={turn.isPending} aria-label={isPaused ? t`Go on: ${label}` : t`Pause: ${label}`} onClick={() => turn.mutate(undefined)}>{isPaused ? <Trans>Go on</Trans> : <Trans>Pause</Trans>}</Button>
      <Button variant="default" aria-label={t`Edit: ${label}`} onClick={onEdit}><Trans>Edit</Trans></Button>
      <Button variant="default" aria-label={t`Renew the secret: ${label}`} onClick={() => ask("renew")}><Trans>Renew the secret</Trans></Button>
      <Button color="red" variant="light" aria-label={t`Remove: ${label}`} onClick={() => ask("remove")}><Trans>Remove</Trans></Button>
      <Confirm opened={asks === "renew"} title={t`Make a new secret?`} action={t`Renew`} onClose={() => ask("")} onYes={() => renew.mutate(undefined, { onSuccess: onFresh })}>
        <Trans>The secret of now signs beside the new one for 24 hours, and then no more.</Trans>
      </Confirm>
      {asks === "remove" && (
        <Confirm opened title={t`Remove the webhook?`} action={t`Remove`} typed={label} onClose={() => ask("")} onYes={() => remove.mutate(undefined)}>
          <Trans>Nothing is posted to it any more, nor what waits. Its list of deliveries goes too.</Trans>
        </Confirm>
      )}
    </Group>
  );
}
