import { Button, Group } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import classes from "./Notices.module.css";
import { failed, type Undo } from "./toast";

const TEN_SECONDS = 10_000;

export function Notices() {
  return <Notifications position="bottom-center" className={classes.notices} />;
}

export function notice(message: ReactNode, isWrong: boolean, undo?: Undo): void {
  const id = crypto.randomUUID?.() ?? String(Math.random());
  const back = async () => {
    notifications.hide(id);
    await undo?.run().catch(failed);
  };
  notifications.show({
    id,
    autoClose: TEN_SECONDS,
    ...(isWrong && { color: "red" }),
    message: undo === undefined ? message : (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="light" onClick={() => void back()}>
          {undo.label}
        </Button>
      </Group>
    ),
  });
}
