import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";

/** Copying works without https too, where the browser has no clipboard to offer. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  (document.querySelector("[role=dialog]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function CopyText({ text }: { text: string }) {
  const { t } = useLingui();
  const [isDone, setDone] = useState(false);
  const label = isDone ? t`Copied` : t`Copy`;
  return (
    <Group gap={4} wrap="nowrap">
      <Text size="sm" ff="monospace" truncate title={text}>
        <bdi>{text}</bdi>
      </Text>
      <Tooltip label={label}>
        <ActionIcon
          variant="subtle"
          color={isDone ? "teal" : "gray"}
          aria-label={label}
          onClick={() => {
            void copyText(text).then(() => setDone(true));
            setTimeout(() => setDone(false), 2000);
          }}
        >
          {isDone ? <IconCheck size={16} /> : <IconCopy size={16} />}
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
