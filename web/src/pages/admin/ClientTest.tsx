/** An application in test mode: until when, with whom it is tried, and how it goes on. UX-V06. */
import { Button, Group, List, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Options } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Panel, When } from "../../shell/Page";
import { To } from "../../shell/To";
import { Because, type Grave } from "./Because";
import type { Client } from "./ClientsPage";
import { isOver } from "./TestBadge";

interface Tester {
  readonly login: string;
  readonly name: string;
  readonly password?: string;
}
const MOST = 3;

export function TestMode({ at, client }: { at: string; client: Client }) {
  const { t } = useLingui();
  const [asked, ask] = useState<Grave | null>(null);
  const renew = useDoing(() => api.post(`${at}/test`), ["clients"], t`It is in test mode for another 30 days.`);
  const real = useDoing((options: Options) => api.delete(`${at}/test`, options), ["clients", "people"], t`The application is in test mode no longer.`);
  const over = isOver(client);
  return (
    <Panel title={<Trans>Test mode</Trans>}>
      <Text>
        {over ? <Trans>It is over: nobody signs in to it any more. It ended</Trans> : <Trans>People read that it is a test, and its errors say more. It ends by itself</Trans>} <When at={client.test_until ?? ""} />
      </Text>
      <Group>
        <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate(undefined)}><Trans>Another 30 days</Trans></Button>
        <Button variant="default" onClick={() => ask({
          title: t`Make the application real?`, action: t`Make it real`, warning: t`It ends by itself no longer, and its accounts for tests are removed with their files.`, run: (options) => real.mutate(options),
        })}><Trans>Make it real</Trans></Button>
      </Group>
      {!over && <Testers at={at} />}
      <Because of={asked} onClose={() => ask(null)} />
    </Panel>
  );
}

function Testers({ at }: { at: string }) {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["clients", at, "testers"], queryFn: ({ signal }) => api.get<{ items: Tester[] }>(`${at}/test-accounts`, { signal }) });
  const make = useDoing((count: number) => api.post<{ items: Tester[] }>(`${at}/test-accounts`, { count }), ["clients", "people"]);
  return (
    <Asked of={found}>
      {({ items }) => (
        <>
          <Text size="sm" c="dimmed"><Trans>Accounts to try it with sign in to applications in test mode alone, and are removed with the test.</Trans></Text>
          {items.length > 0 && (
            <List size="sm" spacing="xs">
              {items.map((one) => <List.Item key={one.login}><To to={`/admin/people/${encodeURIComponent(one.login)}`}><bdi>{one.login}</bdi></To></List.Item>)}
            </List>
          )}
          {make.data && <CopyBlock isSecret label={t`Logins and passwords; they are shown this once`} text={make.data.items.map((one) => `${one.login}  ${one.password ?? ""}`).join("\n")} />}
          {items.length < MOST && <Group><Button variant="default" loading={make.isPending} onClick={() => make.mutate(items.length === 0 ? 2 : 1)}><Trans>Make accounts for tests</Trans></Button></Group>}
        </>
      )}
    </Asked>
  );
}
