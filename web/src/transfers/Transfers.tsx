import { useQueryClient } from "@tanstack/react-query";
import { createContext, lazy, type ReactNode, Suspense, use, useEffect, useMemo, useState } from "react";
import { atRest, later } from "../later";
import { parentOf } from "../pages/files/nodes";
import { useSession } from "../session";
import { Spare } from "../shell/Spare";
import { carrier } from "./carrier";
import { memoryOf } from "./memory";
import { TransferQueue } from "./queue";

const load = later(() => import("./Panel"));
const Panel = lazy(() => load().then((found) => ({ default: found.Panel })));

const Context = createContext<TransferQueue | null>(null);

export function useTransfers(): TransferQueue {
  const queue = use(Context);
  if (queue === null) throw new Error("useTransfers stands outside its provider");
  return queue;
}

/** Uploads go on whatever page is shown. */
export function Transfers({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { sub } = useSession();
  const memory = useMemo(() => memoryOf(sub), [sub]);
  const queue = useMemo(
    () =>
      new TransferQueue(
        carrier,
        (path) => {
          void queries.invalidateQueries({ queryKey: ["list", parentOf(path)] });
          void queries.invalidateQueries({ queryKey: ["spaces"] });
        },
        undefined,
        memory,
      ),
    [queries, memory],
  );
  const [isWanted, setWanted] = useState(false);
  // The first upload wants it at once; what others left behind can wait for the page.
  useEffect(() => queue.subscribe(() => setWanted(true)), [queue]);
  useEffect(() => atRest(() => setWanted(true)), []);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (queue.isBusy) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [queue]);
  return (
    <Context value={queue}>
      {children}
      {isWanted && (
        <Spare>
          <Suspense fallback={null}>
            <Panel queue={queue} memory={memory} />
          </Suspense>
        </Spare>
      )}
    </Context>
  );
}
