/** Something that happened, and when: beside it, below it on narrow screens. */
import { Badge, Group, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { When } from "./Page";

export interface Happening {
  readonly action: string;
  readonly sentence: string;
  readonly result: string;
  readonly at: string;
}

export function Happened({ of, children }: { of: Happening; children?: ReactNode }) {
  return (
    <Group component="li" justify="space-between" align="flex-start" style={{ gap: "0 var(--mantine-spacing-md)" }} data-action={of.action}>
      <div className="k-most">
        <Group gap="xs"><Text><bdi>{of.sentence}</bdi></Text>{of.result === "refused" && <Badge color="red" variant="light"><Trans>refused</Trans></Badge>}</Group>
        {children !== undefined && <Text size="sm" c="dimmed">{children}</Text>}
      </div>
      <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}><When at={of.at} /></Text>
    </Group>
  );
}
