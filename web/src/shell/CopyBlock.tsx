import { Button, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useRef, useState } from "react";
import classes from "./CopyBlock.module.css";

/** A text to be copied. Where the browser does not copy for us, it is selected and that is said. */
export function CopyBlock({ text, label, isSecret = false }: { text: string; label: string; isSecret?: boolean }) {
  const { t } = useLingui();
  const block = useRef<HTMLTextAreaElement>(null);
  const [done, setDone] = useState<"" | "copied" | "selected">("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setDone("copied");
    } catch {
      block.current?.select();
      setDone("selected");
    }
  }
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text fw={600} size="sm">{label}</Text>
        <Text size="sm" c="dimmed" aria-live="polite" flex="1 1 auto" ta="end">
          {done === "copied" && t`Copied.`}
          {done === "selected" && t`The browser does not let us copy; it is selected: press Ctrl+C.`}
        </Text>
        <Button size="compact-sm" variant="default" onClick={() => void copy()}
          leftSection={done === "copied" ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}>
          <Trans>Copy</Trans>
        </Button>
      </Group>
      <textarea ref={block} className={classes.block} readOnly spellCheck={false} rows={Math.min(24, text.split("\n").length)}
        aria-label={label} autoComplete="off" data-secret={isSecret || undefined} value={text.trimEnd()} />
    </Stack>
  );
}
