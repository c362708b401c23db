import { useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { type Reason, readSession, whenSignedOut } from "../api";
import { atRest, later } from "../later";

const load = later(() => import("./SignInDialog"));
const SignInDialog = lazy(() => load().then((found) => ({ default: found.SignInDialog })));

const LOOKED_EVERY = 1500;

interface Waiting {
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** Asks to sign in again in another tab when the session is over; what was typed here stays. */
export function SignInAgain() {
  const { t } = useLingui();
  const [waiting, setWaiting] = useState<Waiting[]>([]);
  const [reason, setReason] = useState<Reason>("over");
  const [before, setBefore] = useState(0);
  useEffect(() => {
    whenSignedOut(async (why) => {
      const session = why === "old" ? await readSession().catch(() => null) : null;
      if (session?.signed_in) setBefore(session.auth_time);
      // Of two reasons at once the stronger one holds: a sign-in of just now will do for both.
      setReason((other) => (other === "old" ? other : why));
      await new Promise<void>((done, fail) => setWaiting((others) => [...others, { done, fail }]));
    });
  }, []);
  const rest = useCallback(() => {
    setWaiting([]);
    setReason("over");
    setBefore(0);
  }, []);
  const leave = () => {
    waiting.forEach(({ fail }) => fail(new Error(t`Nothing was changed: it wants a new sign-in.`)));
    rest();
  };
  useEffect(() => {
    if (waiting.length === 0) return;
    const timer = setInterval(async () => {
      const session = await readSession().catch(() => null);
      if (session?.signed_in !== true || session.auth_time <= before) return;
      waiting.forEach(({ done }) => done());
      rest();
    }, LOOKED_EVERY);
    return () => clearInterval(timer);
  }, [waiting, before, rest]);
  // It is there before the server, and what it serves, may be out of reach.
  useEffect(() => atRest(() => load().catch(() => undefined)), []);
  if (waiting.length === 0) return null;
  return (
    <Suspense fallback={null}>
      <SignInDialog isOld={reason === "old"} onLeave={leave} />
    </Suspense>
  );
}
