import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { said } from "../../api";

const TEN_SECONDS = 10_000;

/** Say what was done, with a way back for ten seconds. */
export function done(message: ReactNode, undo?: { label: string; run: () => Promise<unknown> }): void {
  const id = crypto.randomUUID?.() ?? String(Math.random());
  const back = async () => {
    notifications.hide(id);
    await undo?.run().catch(failed);
  };
  notifications.show({
    id,
    autoClose: TEN_SECONDS,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        {undo !== undefined && (
          <Button size="compact-sm" variant="light" onClick={() => void back()}>
            {undo.label}
          </Button>
        )}
      </Group>
    ),
  });
}

export function failed(error: unknown): void {
  notifications.show({ color: "red", autoClose: TEN_SECONDS, message: said(error) });
}
