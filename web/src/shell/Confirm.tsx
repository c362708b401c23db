import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";

/** Asks before what cannot be undone; with `typed`, only who types it may go on. */
export function Confirm({ opened, title, children, action, typed, onClose, onYes }: {
  opened: boolean; title: string; children: ReactNode; action: string; typed?: string | undefined;
  onClose: () => void; onYes: () => void;
}) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const isReady = typed === undefined || text === typed;
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack>
        <Text component="div">{children}</Text>
        {typed !== undefined && (
          <TextInput label={t`Type ${typed} to confirm`} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button color="red.9" disabled={!isReady} onClick={() => { onYes(); onClose(); }}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
