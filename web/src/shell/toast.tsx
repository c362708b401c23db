/** What was done, or went wrong, told at the foot of the page; what tells it is fetched after the page. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { said } from "../api";
import { atRest, later } from "../later";

const load = later(() => import("./Notices"));
const Notices = lazy(() => load().then((found) => ({ default: found.Notices })));
let show: () => void = () => undefined;

export interface Undo {
  readonly label: string;
  readonly run: () => Promise<unknown>;
}

/** Where toasts are shown. */
export function Toasts() {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    show = () => setShown(true);
    return atRest(show);
  }, []);
  return isShown ? <Suspense fallback={null}><Notices /></Suspense> : null;
}

async function tell(message: ReactNode, isWrong: boolean, undo?: Undo): Promise<void> {
  show();
  const { notice } = await load();
  notice(message, isWrong, undo);
}

/** Say what was done, with a way back for ten seconds. */
export function done(message: ReactNode, undo?: Undo): void {
  void tell(message, false, undo);
}

export function failed(error: unknown): void {
  void tell(said(error), true);
}
