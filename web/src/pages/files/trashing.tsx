import { Plural, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { type Node, restore, trash } from "./nodes";
import { done, failed } from "../../shell/toast";

/** Gives what moves nodes to the trash, with a way back. */
export function useTrashing(after: () => void): (nodes: readonly Node[]) => void {
  const { t } = useLingui();
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["list"] });
  const toTrash = async (nodes: readonly Node[]) => {
    if (nodes.length === 0) return;
    await trash(nodes);
    after();
    await again();
    done(<Plural value={nodes.length} one="Moved to the trash" other="# moved to the trash" />, {
      label: t`Undo`,
      run: async () => {
        await restore(nodes);
        await again();
      },
    });
  };
  return (nodes) => void toTrash(nodes).catch(failed);
}
