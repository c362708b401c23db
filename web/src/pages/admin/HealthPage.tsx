import { Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { size } from "../../format";
import { CopyBlock } from "../../shell/CopyBlock";
import { useSession } from "../../session";
import { useDoing } from "../../shell/doing";
import { Asked, Failed, Page, Panel } from "../../shell/Page";

interface Check {
  readonly check: string;
  readonly state: "good" | "warning" | "bad";
  readonly detail: string;
  readonly milliseconds?: number;
  readonly free?: number;
  readonly total?: number;
}
const MOST_OFF = 5;

export default function HealthPage() {
  const { t } = useLingui();
  const found = useQuery({
    queryKey: ["health"], refetchInterval: 10_000,
    queryFn: async ({ signal }) => ({ ...(await api.get<{ now: string; items: Check[] }>("/a/keycell/admin/health", { signal })), here: Date.now() }),
  });
  const names: Record<string, string> = { database: t`Database`, tables: t`Tables of the database`, storage: t`Storage`, mail: t`Mail`, jobs: t`Jobs`, keys: t`Signing keys`, tls: t`Protection on the way`, pages: t`What pages may load`, version: t`Version`, clock: t`Clock` };
  const colors = { good: "green", warning: "yellow", bad: "red" };
  const states = { good: t`good`, warning: t`to be looked at`, bad: t`bad` };
  return (
    <Page title={<Trans>Health</Trans>} about={<Trans>As it is now; programs ask /healthz, /readyz and /metrics.</Trans>}>
      <Asked of={found}>
        {(data) => {
          const off = Math.round(Math.abs(Date.parse(data.now) - data.here) / 1000);
          const clock: Check = { check: "clock", state: off > MOST_OFF ? "warning" : "good", detail: t`${off} s beside this browser's` };
          return (
            <>
              <Panel>
                <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
                  {[...data.items, clock].map((one) => (
                    <Group key={one.check} component="li" justify="space-between" style={{ gap: "0.25rem var(--mantine-spacing-md)" }}>
                      <div className="k-most">
                        <Text fw={600}>{names[one.check] ?? one.check}</Text>
                        <Text size="sm" c="dimmed">
                          <bdi>{one.detail}</bdi>
                          {one.milliseconds !== undefined && ` · ${one.milliseconds} ms`}
                          {one.free !== undefined && one.total !== undefined && <> · <Trans>{size(one.free)} of {size(one.total)} are free</Trans></>}
                        </Text>
                      </div>
                      <Badge variant="light" color={colors[one.state]}>{states[one.state]}</Badge>
                    </Group>
                  ))}
                </Stack>
              </Panel>
              <Panel title={<Trans>Mail</Trans>}><MailTest /></Panel>
              <Panel title={<Trans>For a report</Trans>}><Diagnostics /></Panel>
            </>
          );
        }}
      </Asked>
    </Page>
  );
}

function MailTest() {
  const { t } = useLingui();
  const { email } = useSession();
  const [to, setTo] = useState(email ?? "");
  const test = useDoing(() => api.post("/a/keycell/admin/mail/test", { to }), [], t`The mail server took it.`);
  return (
    <form onSubmit={(event) => { event.preventDefault(); test.mutate(undefined); }}>
      <Group align="flex-end">
        <TextInput label={t`Send a test to`} type="email" required w="18rem" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
        <Button type="submit" variant="default" loading={test.isPending}><Trans>Send a test</Trans></Button>
      </Group>
      {test.error && <Failed error={test.error} />}
    </form>
  );
}

/** Made when it is asked for: what stands there is what is copied. */
function Diagnostics() {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const make = useDoing(async () => setText(JSON.stringify(await api.get("/a/keycell/admin/diagnostics"), null, 2)), []);
  return (
    <Stack>
      <Text size="sm"><Trans>Versions, states, settings and the last failures, for whoever helps you. No secret, no address and nobody's name is in it.</Trans></Text>
      <Group><Button variant="default" loading={make.isPending} onClick={() => make.mutate(undefined)}><Trans>Make diagnostics</Trans></Button></Group>
      {text && <CopyBlock label={t`Diagnostics`} text={text} />}
      {make.error && <Failed error={make.error} />}
    </Stack>
  );
}
