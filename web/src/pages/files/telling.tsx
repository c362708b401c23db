import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSession } from "../../session";
import { done } from "../../shell/toast";
import { type Deed, forgetDeed, keepDeed, undo } from "./deeds";

/** Gives what undoes a deed. */
export function useUndo(): (deed: Deed) => Promise<void> {
  const { sub } = useSession();
  const queries = useQueryClient();
  return async (deed) => {
    await undo(deed);
    forgetDeed(sub, deed);
    await queries.invalidateQueries({ queryKey: ["list"] });
  };
}

/** Gives what tells of a deed, with a way back for ten seconds, and in the list of recent ones for a day. */
export function useTelling(): (deed: Deed, message: ReactNode) => void {
  const { t } = useLingui();
  const { sub } = useSession();
  const back = useUndo();
  return (deed, message) => {
    keepDeed(sub, deed);
    done(message, { label: t`Undo`, run: () => back(deed) });
  };
}
