import { Modal, Stack } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { useMayWrite } from "../folder";
import type { Node } from "../nodes";
import { Links } from "./Links";
import { People } from "./People";

/** Who can reach this, and how to let others. Nothing changes before a button is pressed. */
export function ShareDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const { name } = node;
  const mayWrite = useMayWrite();
  return (
    <Modal opened onClose={onClose} size="lg" title={<Trans>Share “{name}”</Trans>}>
      <Stack gap="xl">
        {mayWrite(node.path) && <People node={node} />}
        <Links node={node} />
      </Stack>
    </Modal>
  );
}
