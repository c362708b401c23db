import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import type { Options } from "../../api";

/** What is done to somebody that they or others may ask about later. */
export interface Grave {
  readonly title: string;
  readonly action: string;
  readonly warning: ReactNode;
  /** Only who types it may go on. */
  readonly typed?: string;
  /** Something else that it needs is not said yet. */
  readonly isWaiting?: boolean;
  readonly run: (options: Options) => void;
}

const LONGEST = 300;

/** Asks why, before something grave is done: the trail keeps the answer beside it. */
export function Because({ of, onClose }: { of: Grave | null; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal opened={of !== null} onClose={onClose} title={of?.title} closeButtonProps={{ "aria-label": t`Close` }}>
      {of && <Asking of={of} onClose={onClose} />}
    </Modal>
  );
}

function Asking({ of, onClose }: { of: Grave; onClose: () => void }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const isReady = !of.isWaiting && reason.trim() !== "" && (of.typed === undefined || text === of.typed);
  const run = () => {
    of.run({ headers: { "X-Keycell-Reason": encodeURIComponent(reason.trim()) } });
    onClose();
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (isReady) run(); }}>
      <Stack>
        <Text component="div">{of.warning}</Text>
        <TextInput label={t`Reason`} description={t`The trail keeps it, for whoever asks later.`} required maxLength={LONGEST} data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {of.typed !== undefined && <TextInput label={t`Type ${of.typed} to confirm`} autoComplete="off" value={text} onChange={(event) => setText(event.currentTarget.value)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" color="red.9" disabled={!isReady}>{of.action}</Button>
        </Group>
      </Stack>
    </form>
  );
}
