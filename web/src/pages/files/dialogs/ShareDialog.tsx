import { Modal, Stack } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Confirm } from "../../../shell/Confirm";
import { useMayWrite } from "../folder";
import type { Node } from "../nodes";
import { Links } from "./Links";
import { People } from "./People";

/** Who can reach this, and how to let others. Nothing changes before a button is pressed. */
export function ShareDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const { t } = useLingui();
  const { name } = node;
  const mayWrite = useMayWrite();
  const [isWished, setWished] = useState(false);
  const [isAsking, setAsking] = useState(false);
  return (
    <Modal opened onClose={() => (isWished ? setAsking(true) : onClose())} size="lg" title={<Trans>Share “{name}”</Trans>}>
      <Stack gap="xl">
        {mayWrite(node.path) && <People node={node} onWish={setWished} />}
        <Links node={node} />
      </Stack>
      {/* Not there before: it would be closed by the key that opens it. */}
      {isAsking && (
        <Confirm opened title={t`Leave without saving?`} action={t`Discard`} onClose={() => setAsking(false)} onYes={onClose}>
          <Trans>Not saved yet</Trans>
        </Confirm>
      )}
    </Modal>
  );
}
