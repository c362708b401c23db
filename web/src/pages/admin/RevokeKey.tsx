/** Asks before a key that leaked is revoked, and says first what comes of it. */
import { List, Stack, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked } from "../../shell/Page";
import { type Key, opens } from "./keyStates";

interface Impact {
  readonly follows: string;
  readonly ends_access_tokens: boolean;
  readonly applications: readonly { client_id: string; client_name: string; knows: boolean }[];
}
const MOST_NAMED = 8;

export function RevokeKey({ of: key, onClose }: { of: Key; onClose: () => void }) {
  const { t } = useLingui();
  const at = `/a/keycell/admin/keys/${encodeURIComponent(key.kid)}`;
  const impact = useQuery({ queryKey: ["keys", key.kid], gcTime: 0, queryFn: ({ signal }) => api.get<Impact>(at, { signal }) });
  const revoke = useDoing(() => api.delete(at), ["keys"], t`The key counts for nothing any more.`);
  return (
    <Confirm opened title={t`Revoke this key?`} action={t`Revoke`} onClose={onClose} onYes={() => revoke.mutate(undefined)} typed={impact.data === undefined ? "…" : key.alg}>
      <Stack gap="xs">
        <Text><Trans>For a key that somebody else may have. It is published no more, at once; applications that keep our keys in memory believe it until they fetch them anew.</Trans></Text>
        <Asked of={impact}>{(data) => <WhatComes of={data} about={key} />}</Asked>
      </Stack>
    </Confirm>
  );
}

function WhatComes({ of: impact, about: key }: { of: Impact; about: Key }) {
  const unaware = impact.applications.filter((one) => !one.knows);
  if (key.state === "next") return <Text><Trans>It was not used yet: nobody notices anything.</Trans></Text>;
  if (opens(key)) return <Text><Trans>What was encrypted to it cannot be opened any more: requests of applications that have not fetched the next key are refused until they do.</Trans></Text>;
  return (
    <List size="sm" spacing="xs">
      {impact.ends_access_tokens && <List.Item><Trans>Access tokens that it signed open nothing any more: applications get others by their refresh tokens, and whoever has none signs people in again.</Trans></List.Item>}
      <List.Item><Trans>ID tokens that it signed are refused, as a hint at signing out too.</Trans></List.Item>
      {impact.follows && <List.Item><Trans>The next key signs at once.</Trans></List.Item>}
      {impact.follows && unaware.length > 0 && (
        <List.Item>
          <Plural value={unaware.length} one="# application is not known to have it, and may refuse sign-ins until it fetches the keys:" other="# applications are not known to have it, and may refuse sign-ins until they fetch the keys:" />{" "}
          {unaware.slice(0, MOST_NAMED).map((one, at) => <span key={one.client_id}>{at > 0 && ", "}<bdi>{one.client_name || one.client_id}</bdi></span>)}
          {unaware.length > MOST_NAMED && " …"}
        </List.Item>
      )}
      {impact.follows && impact.applications.length > 0 && unaware.length === 0 && <List.Item><Trans>All applications that take ID tokens by it are known to have the next one.</Trans></List.Item>}
    </List>
  );
}
