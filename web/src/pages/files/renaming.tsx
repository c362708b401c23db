import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { bytesIn, controlIn, LONGEST, type Wrong, wrongWith } from "./names";
import { type Node, parentOf, place, taken, under } from "./nodes";
import { useTelling } from "./telling";

/** Says what is wrong with a name: at once what is in it, that there is none only to whoever wants to keep it. */
export function useWrong(name: string, wasTried: boolean): string | null {
  const { t } = useLingui();
  const wrong = wrongWith(name);
  const which = controlIn(name);
  const bytes = bytesIn(name);
  if (wrong === null || (wrong === "empty" && !wasTried)) return null;
  const words: Record<Wrong, string> = {
    empty: t`Write a name.`,
    slash: t`A name cannot hold a slash.`,
    control: t`A name cannot hold a control character (${which}).`,
    dots: t`Dots alone are no name.`,
    long: t`The name has ${bytes} bytes; at most ${LONGEST} are taken.`,
  };
  return words[wrong];
}

/** Throws where something else is called so already. */
export function useFree(): (path: string, own?: Node) => Promise<void> {
  const { t } = useLingui();
  return async (path, own) => {
    const there = (await taken([path])).find((one) => one.id !== own?.id);
    if (there === undefined) return;
    const { name } = there;
    throw new Error(t`“${name}” is here already.`);
  };
}

/** Gives another name, with a way back. */
export function useRenaming(onChanged: () => Promise<void>, onEnd: () => void) {
  const tell = useTelling();
  const isFree = useFree();
  return useMutation({
    mutationFn: async ({ node, name }: { node: Node; name: string }) => {
      await isFree(under(parentOf(node.path), name), node);
      await place(node.id, under(parentOf(node.path), name));
    },
    onSuccess: async (_, { node, name }) => {
      await onChanged();
      onEnd();
      tell({ kind: "renamed", nodes: [node], to: name, taken: [], copies: [], at: Date.now() }, <Trans>Renamed to {name}</Trans>);
    },
  });
}
