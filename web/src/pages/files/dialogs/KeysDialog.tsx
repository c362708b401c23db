import { Group, Kbd, Modal, Switch, Table } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { hasKeys, keepKeys } from "../keys";
import classes from "./KeysDialog.module.css";

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [isOn, setOn] = useState(hasKeys);
  const keys: readonly (readonly [readonly string[], string])[] = [
    [["↑", "↓"], t`Another row; with Shift, a range`],
    [["Enter"], t`Open`],
    [["Space"], t`Choose one more`],
    [["F2"], t`Rename`],
    [["Delete"], t`Move to the trash`],
    [["Ctrl A"], t`Choose all`],
    [["Ctrl X", "Ctrl C"], t`Cut or copy, to put in elsewhere`],
    [["Ctrl V"], t`Put in here what was cut or copied, or a picture`],
    [["Backspace"], t`One folder up`],
    [["/", "Ctrl F"], t`Filter`],
    [["Esc"], t`Choose nothing`],
    [["?"], t`These keys`],
  ];
  return (
    <Modal opened onClose={onClose} title={t`Keyboard shortcuts`}>
      <Table>
        <Table.Tbody>
          {keys.map(([pressed, what]) => (
            <Table.Tr key={what}>
              <Table.Td>
                <Group gap={4}>
                  {pressed.map((one) => (
                    <Kbd key={one} className={classes.key}>
                      {one}
                    </Kbd>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        mt="md"
        label={t`Single characters are keys (/ and ?)`}
        checked={isOn}
        onChange={(event) => {
          setOn(event.currentTarget.checked);
          keepKeys(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
