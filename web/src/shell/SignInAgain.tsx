import { Button, Modal, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useState } from "react";
import { type Reason, readSession, whenSignedOut } from "../api";

const LOOKED_EVERY = 1500;
/** Another dialog may be open, and it is the one that waits. */
const ABOVE_ALL = 1000;

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
  const isOld = reason === "old";
  return (
    <Modal
      opened={waiting.length > 0}
      onClose={leave}
      withCloseButton={isOld}
      closeOnEscape={isOld}
      closeOnClickOutside={isOld}
      zIndex={ABOVE_ALL}
      title={isOld ? t`Confirm that it is you` : t`You are signed out`}
    >
      <Stack>
        <Text>
          {isOld ? (
            <Trans>
              You signed in a while ago, and this could lock somebody out or let somebody in. Sign in again in a new
              tab; this page stays as it is and goes on.
            </Trans>
          ) : (
            <Trans>Your sign-in has ended. Sign in again in a new tab; this page stays as it is and goes on.</Trans>
          )}
        </Text>
        <Button component="a" href={isOld ? "/web/login?again=1" : "/web/login"} target="_blank" data-autofocus>
          <Trans>Sign in</Trans>
        </Button>
      </Stack>
    </Modal>
  );
}
