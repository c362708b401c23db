import { Autocomplete, Badge, Button, Group, List, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Panel } from "../../shell/Page";
import { To } from "../../shell/To";

interface Shared {
  readonly suite: string;
  readonly members: readonly { readonly client_id: string; readonly label: string; readonly is_disabled: boolean }[];
  readonly suites: readonly string[];
}
/** As the server reads one. */
const NAME = "[a-z0-9][a-z0-9._\\-]{0,63}";

/** With which of its publisher's applications one shares sign-ins on a device. NSSO-4.3. */
export function Suite({ at }: { at: string }) {
  const found = useQuery({ queryKey: ["clients", at, "suite"], queryFn: ({ signal }) => api.get<Shared>(`${at}/suite`, { signal }) });
  return (
    <Panel title={<Trans>Suite</Trans>}>
      <Text c="dimmed" size="sm"><Trans>Applications of one publisher that are in the same suite: on one device, each signs in by what another was given, without a browser.</Trans></Text>
      <Asked of={found}>{(data) => <Editing key={data.suite} at={at} kept={data} />}</Asked>
    </Panel>
  );
}

function Editing({ at, kept }: { at: string; kept: Shared }) {
  const { t } = useLingui();
  const [suite, setSuite] = useState(kept.suite);
  const keep = useDoing(() => api.put(`${at}/suite`, { suite }), ["clients"], t`It counts from now on.`);
  return (
    <form onSubmit={(event) => { event.preventDefault(); keep.mutate(undefined); }}>
      <Stack>
        <Autocomplete label={t`Name of the suite`} description={t`The same for all of one publisher: small letters, digits, dot, dash and underscore. Empty: it shares with none.`}
          data={[...kept.suites]} value={suite} onChange={setSuite} pattern={NAME} autoComplete="off" autoCapitalize="none" spellCheck={false} />
        {kept.suite !== "" && <Members of={kept} />}
        <Group><Button type="submit" variant="default" loading={keep.isPending}><Trans>Save the suite</Trans></Button></Group>
      </Stack>
    </form>
  );
}

function Members({ of }: { of: Shared }) {
  if (of.members.length === 0) return <Text size="sm"><Trans>No other application is in it yet.</Trans></Text>;
  return (
    <Stack gap={4}>
      <Text size="sm"><Trans>It shares sign-ins with</Trans></Text>
      <List size="sm">
        {of.members.map((one) => (
          <List.Item key={one.client_id}>
            <Group gap="xs" component="span">
              <To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.label || one.client_id}</bdi></To>
              {one.is_disabled && <Badge color="red" variant="light" component="span"><Trans>disabled</Trans></Badge>}
            </Group>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
