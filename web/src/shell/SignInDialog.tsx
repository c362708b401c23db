import { Button, Modal, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";

/** Another dialog may be open, and it is the one that waits. */
const ABOVE_ALL = 1000;

/** Tells that one is signed out, or that what one does wants a sign-in of just now. */
export function SignInDialog({ isOld, onLeave }: { isOld: boolean; onLeave: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened
      onClose={onLeave}
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
