import { Badge } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import type { Client } from "./ClientsPage";

/** Its test mode is over: nobody signs in to it any more. */
export const isOver = (client: Client) => client.test_until !== null && Date.parse(client.test_until) <= Date.now();

/** Says that it is in test mode, or that this is over; nothing of what is real. */
export function TestBadge({ of }: { of: Client }) {
  if (of.test_until === null) return null;
  return isOver(of)
    ? <Badge color="red" variant="light"><Trans>test is over</Trans></Badge>
    : <Badge color="orange" variant="light"><Trans>test mode</Trans></Badge>;
}
