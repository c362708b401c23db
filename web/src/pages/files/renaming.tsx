import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { controlIn, type Wrong } from "./names";
import { type Node, rename } from "./nodes";
import { done } from "../../shell/toast";

/** Says what is wrong with a name. */
export function useWrongWords(name: string): Record<Wrong, string> {
  const { t } = useLingui();
  const which = controlIn(name);
  return {
    empty: t`Write a name.`,
    slash: t`A name cannot hold a slash.`,
    control: t`A name cannot hold a control character (${which}).`,
    dots: t`Dots alone are no name.`,
    long: t`The name is too long.`,
  };
}

/** Gives another name, with a way back. */
export function useRenaming(onChanged: () => Promise<void>, onEnd: () => void) {
  const { t } = useLingui();
  return useMutation({
    mutationFn: ({ node, name }: { node: Node; name: string }) => rename(node.path, name),
    onSuccess: async (_, { node, name }) => {
      await onChanged();
      onEnd();
      const place = node.path.slice(0, -node.name.length);
      done(<Trans>Renamed to {name}</Trans>, {
        label: t`Undo`,
        run: async () => {
          await rename(place + name, node.name);
          await onChanged();
        },
      });
    },
  });
}
