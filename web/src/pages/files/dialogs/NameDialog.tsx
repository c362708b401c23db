import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { said } from "../../../api";
import { wrongWith } from "../names";
import { makeFolders, type Node, stat, under } from "../nodes";
import { useFree, useRenaming, useWrong } from "../renaming";
import { Changed, write } from "../text";

interface Props {
  /** What is given another name, or the folder in which a new one is made. */
  readonly node?: Node;
  readonly folder?: string;
  /** It is a text file that is made. */
  readonly isText?: boolean;
  readonly onMade?: (node: Node) => void;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

async function makeText(path: string, taken: string): Promise<void> {
  try {
    await write(path, "", "text/plain; charset=utf-8", null);
  } catch (error) {
    throw error instanceof Changed ? new Error(taken) : error;
  }
}

export function NameDialog({ node, folder = "", isText = false, onMade, onClose, onChanged }: Props) {
  const { t } = useLingui();
  const [name, setName] = useState(node?.name ?? (isText ? `${t`Note`}.txt` : ""));
  const [tried, setTried] = useState(false);
  const wrong = wrongWith(name);
  const words = useWrong(name, tried);
  const isFree = useFree();
  const renaming = useRenaming(onChanged, onClose);
  const making = useMutation({
    mutationFn: async () => {
      await isFree(under(folder, name));
      await (isText ? makeText(under(folder, name), t`The name is taken`) : makeFolders([under(folder, name)]));
    },
    onSuccess: async () => {
      await onChanged();
      onClose();
      if (isText) onMade?.(await stat(under(folder, name)));
    },
  });
  const save = node === undefined ? making : renaming;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong !== null) return;
    if (name === node?.name) onClose();
    else if (node === undefined) making.mutate();
    else renaming.mutate({ node, name });
  };
  return (
    <Modal opened onClose={onClose} title={node !== undefined ? t`Rename` : isText ? t`New text file` : t`New folder`}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t`Name`}
            value={name}
            data-autofocus
            onChange={(event) => {
              save.reset();
              setName(event.currentTarget.value);
            }}
            onFocus={(event) => {
              const dot = node?.isFolder === false || isText ? name.lastIndexOf(".") : -1;
              event.currentTarget.setSelectionRange(0, dot > 0 ? dot : name.length);
            }}
            error={save.error !== null ? said(save.error) : words}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={save.isPending}>
              {node === undefined ? <Trans>Make</Trans> : <Trans>Rename</Trans>}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
