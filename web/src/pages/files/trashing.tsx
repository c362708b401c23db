import { Plural } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { type Node, trash } from "./nodes";
import { useTelling } from "./telling";
import { failed } from "../../shell/toast";

/** Gives what moves nodes to the trash, with a way back. */
export function useTrashing(after: () => void): (nodes: readonly Node[]) => void {
  const tell = useTelling();
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["list"] });
  const toTrash = async (nodes: readonly Node[]) => {
    if (nodes.length === 0) return;
    await trash(nodes);
    after();
    await again();
    tell({ kind: "deleted", nodes, to: "", taken: [], copies: [], at: Date.now() }, <Plural value={nodes.length} one="Moved to the trash" other="# moved to the trash" />);
  };
  return (nodes) => void toTrash(nodes).catch(failed);
}
