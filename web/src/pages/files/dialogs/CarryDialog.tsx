import { Alert, Button, Group, Loader, Modal, NavLink, Stack, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconArrowUp } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../../api";
import { usePlaces, useSpaces } from "../folder";
import { NodeIcon } from "../NodeIcon";
import { type Deed, moveTo, nameOf } from "../deeds";
import { copy, foldersIn, type Node, parentOf } from "../nodes";
import { useTelling } from "../telling";
import { done } from "../../../shell/toast";
import classes from "./CarryDialog.module.css";

interface Props {
  readonly nodes: readonly Node[];
  readonly moves: boolean;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** Choose a folder, and move or copy there. */
export function CarryDialog({ nodes, moves, onClose, onChanged }: Props) {
  const { t } = useLingui();
  const from = parentOf(nodes[0]?.path ?? "");
  const [target, setTarget] = useState(from);
  const spaces = useSpaces();
  const placeOf = usePlaces();
  const below = useQuery({
    queryKey: ["list", target, "folders"],
    queryFn: ({ signal }) => foldersIn(target, signal),
    enabled: target !== "",
  });
  const taken = new Set(nodes.map((node) => node.path));
  const folders = (below.data ?? []).filter((one) => !taken.has(one.path));
  const tell = useTelling();
  const carry = useMutation({
    mutationFn: (): Promise<Deed | null> => (moves ? moveTo(nodes, target) : copy(nodes, target).then(() => null)),
    onSuccess: async (deed) => {
      await onChanged();
      onClose();
      const to = nameOf(target);
      if (deed !== null) tell(deed, <Trans>Moved to {to}</Trans>);
      else done(<Trans>Copied to {to}</Trans>);
    },
  });
  const isSame = target === "" || (moves && nodes.every((node) => parentOf(node.path) === target));
  return (
    <Modal opened onClose={onClose} title={moves ? t`Move` : t`Copy`}>
      <Stack>
        <Text size="sm">
          <Plural value={nodes.length} one={`“${nodes[0]?.name ?? ""}” goes to`} other="# items go to" />{" "}
          <b>
            <bdi>{target === "" ? t`choose a space` : placeOf(target)}</bdi>
          </b>
        </Text>
        <div className={classes.list} role="group" aria-label={t`Folders`}>
          {target === "" ? (
            spaces.data
              ?.filter((space) => space.permissions.includes("w"))
              .map((space) => (
                <NavLink component="button" key={space.slug} label={space.label} onClick={() => setTarget(space.slug)} />
              ))
          ) : (
            <>
              <NavLink
                component="button"
                label={t`One up`}
                leftSection={<IconArrowUp size={18} aria-hidden />}
                onClick={() => setTarget(parentOf(target))}
              />
              {below.isPending && <Loader size="sm" m="sm" />}
              {folders.map((one) => (
                <NavLink
                  component="button"
                  key={one.id}
                  label={<bdi>{one.name}</bdi>}
                  leftSection={<NodeIcon node={one} size={18} />}
                  onClick={() => setTarget(one.path)}
                />
              ))}
            </>
          )}
        </div>
        {carry.error !== null && <Alert color="red">{said(carry.error)}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button disabled={isSame} loading={carry.isPending} onClick={() => carry.mutate()}>
            {moves ? <Trans>Move here</Trans> : <Trans>Copy here</Trans>}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
