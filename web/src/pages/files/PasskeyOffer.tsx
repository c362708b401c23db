import { Button, Card, Group, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { IconKey } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSession } from "../../session";
import { isOffered, keepNo, noteOffer } from "./offer";

/** Offers a passkey to who came in by a password alone: once a month at most, and in nobody's way. */
export function PasskeyOffer() {
  const session = useSession();
  const [isShown, setShown] = useState(
    () => session.may_offer_passkey && window.PublicKeyCredential !== undefined && isOffered(Date.now()),
  );
  // Only once it is seen: what is drawn may be thrown away, and drawn anew.
  useEffect(() => {
    if (isShown) noteOffer(Date.now());
  }, [isShown]);
  if (!isShown) return null;
  return (
    <Card className="k-card" padding="lg" mb="lg" component="section">
      <Group wrap="nowrap" align="flex-start">
        <IconKey size={28} stroke={1.6} style={{ flex: "none" }} aria-hidden />
        <div>
          <Text fw={650}>
            <Trans>Next time, sign in without a password</Trans>
          </Text>
          <Text size="sm" c="dimmed" mb="sm">
            <Trans>A passkey asks for your finger, face or PIN, and nobody can steal it by a page that looks like this one.</Trans>
          </Text>
          <Group gap="xs">
            <Button component="a" href="/account/basic/factors">
              <Trans>Set up a passkey</Trans>
            </Button>
            <Button variant="default" onClick={() => setShown(false)}>
              <Trans>Not now</Trans>
            </Button>
            <Button
              variant="subtle"
              onClick={() => {
                keepNo();
                setShown(false);
              }}
            >
              <Trans>Don't ask again</Trans>
            </Button>
          </Group>
        </div>
      </Group>
    </Card>
  );
}
