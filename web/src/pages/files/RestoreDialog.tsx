import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { moment, size } from "../../format";
import type { Node } from "./nodes";

export type Choice = "both" | "replace" | "skip";

interface Props {
  /** What stands now where something is to come back to. */
  readonly there: readonly Node[];
  readonly onClose: () => void;
  readonly onChoose: (choice: Choice) => void;
}

const SHOWN = 5;

/** What is brought back finds its place taken: nothing that is there is lost, whatever is chosen. */
export function RestoreDialog({ there, onClose, onChoose }: Props) {
  const { t } = useLingui();
  const [choice, setChoice] = useState<Choice>("both");
  return (
    <Modal opened onClose={onClose} title={t`Something is there already`}>
      <Stack>
        <ul style={{ margin: 0, paddingInlineStart: "1.2rem" }}>
          {there.slice(0, SHOWN).map((node) => (
            <li key={node.id}>
              <bdi>{node.name}</bdi>{" "}
              <Text span size="xs" c="dimmed">
                {node.isFolder ? t`Folder` : size(node.size)} · {moment(node.changedAt)}
              </Text>
            </li>
          ))}
        </ul>
        {there.length > SHOWN && (
          <Text size="sm" c="dimmed">
            <Plural value={there.length - SHOWN} one="and # more" other="and # more" />
          </Text>
        )}
        <Radio.Group aria-label={t`Something is there already`} value={choice} onChange={(value) => setChoice(value as Choice)}>
          <Stack gap="xs">
            <Radio value="both" label={t`Keep both: what comes back gets a number`} />
            <Radio value="replace" label={t`Replace: what is there goes to the trash`} />
            <Radio value="skip" label={t`Leave it in the trash`} />
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button onClick={() => onChoose(choice)}>
            <Trans>Restore</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
