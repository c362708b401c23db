import { Alert, Button, Checkbox, Group, PasswordInput, Select, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api";
import { useSession } from "../../session";
import { Asked, Failed, Page, Panel } from "../../shell/Page";
import { To } from "../../shell/To";
import type { Client } from "./ClientsPage";
import { StepPanel } from "./trying/StepPanel";
import { canDigest, openWindow } from "./trying/browser";
import { DEVICE_GRANT, type Step, ownCallback, tryClient } from "./trying/flow";

const NEVER_WITHOUT = "openid";
const USUAL = ["openid", "profile", "email"];
/** The server lets our address be one of the application's for longer. */
const STANDS = 10 * 60_000;

/** A real sign-in of an application, played by this page: each request and answer is shown. */
export default function TryPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const at = `/a/keycell/admin/clients/${encodeURIComponent(id)}`;
  const found = useQuery({ queryKey: ["clients", id], queryFn: ({ signal }) => api.get<Client>(at, { signal }) });
  const name = found.data?.client_name || id;
  return (
    <Page title={<Trans>Try <bdi>{name}</bdi></Trans>}
      about={<><Trans>A real sign-in, step by step, with what is sent and answered. What opens something is masked.</Trans>{" "}
        <To to={`/admin/applications/${encodeURIComponent(id)}`}><Trans>To the application</Trans></To></>}>
      <Asked of={found}>{(client) => <Trial client={client} at={at} />}</Asked>
    </Page>
  );
}

function Trial({ client, at }: { client: Client; at: string }) {
  const { t } = useLingui();
  const { issuer } = useSession();
  const offered = client.scope?.split(" ") ?? [...USUAL, "groups", "offline_access"];
  const [scopes, setScopes] = useState<string[]>(offered.filter((one) => USUAL.includes(one)));
  const [prompt, setPrompt] = useState<string | null>("");
  const [secret, setSecret] = useState("");
  const grants = client.grant_types ?? ["authorization_code"];
  const [byDevice, setByDevice] = useState(!grants.includes("authorization_code"));
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const stands = useRef(0);
  const [runs, setRuns] = useState(false);
  const needsSecret = client.token_endpoint_auth_method.startsWith("client_secret");
  const cannot = whyNot(client);
  const callback = ownCallback();

  // Who leaves the page gives it up; who closes the window, and the server ends it.
  useEffect(() => () => running.current?.abort(), []);
  const tell = (step: Step) => setSteps((others) => [...others.filter((one) => one.name !== step.name), step]);
  async function run() {
    running.current = new AbortController();
    setFailure(null);
    setSteps([]);
    setRuns(true);
    let popup: Window | null = null;
    try {
      // Whoever has to sign in again is asked now, before a window stands in front of what asks.
      if (!byDevice && stands.current < Date.now()) await api.post(`${at}/trial`, { origin: window.location.origin });
      if (!byDevice) stands.current = Date.now() + STANDS;
      // Soon after the click, or browsers hold it back: the next one opens it at once.
      popup = openWindow("about:blank");
      if (popup === null) throw new Error(t`The browser held the window back: press Start again, or allow pop-up windows for this page.`);
      await tryClient({ client, secret, scopes, prompt: prompt ?? "", byDevice, issuer, popup, signal: running.current.signal }, tell);
    } catch (error) {
      setFailure(error);
    }
    if (popup !== null) {
      popup.close();
      stands.current = 0;
      if (!byDevice) await api.delete(`${at}/trial`).catch(setFailure);
    }
    setRuns(false);
  }
  if (cannot) return <Alert color="yellow">{cannot === "browser" ? <Trans>The browser does this only over https, or on the server's own machine.</Trans> : <Trans>This page has no key of the application's: try it with <code>keycell oidc test-client</code>, or sign in to the application itself.</Trans>}</Alert>;
  return (
    <>
      <Panel title={<Trans>What is asked for</Trans>}>
        <form onSubmit={(event) => { event.preventDefault(); void run(); }}>
          <Stack>
            <Checkbox.Group label={t`Scopes`} value={scopes} onChange={setScopes}>
              <Group mt="xs">{offered.map((one) => <Checkbox key={one} value={one} label={one} disabled={one === NEVER_WITHOUT} />)}</Group>
            </Checkbox.Group>
            {grants.includes(DEVICE_GRANT) && grants.includes("authorization_code") && (
              <Select label={t`How`} value={byDevice ? "device" : "code"} onChange={(how) => setByDevice(how === "device")} allowDeselect={false} maw="20rem"
                data={[{ value: "code", label: t`by the browser` }, { value: "device", label: t`as a device that shows a code` }]} />
            )}
            {!byDevice && <Select label="prompt" value={prompt} onChange={setPrompt} allowDeselect={false} maw="20rem"
              data={[{ value: "", label: t`not said` }, ...["login", "consent", "select_account", "none"].map((one) => ({ value: one, label: one }))]} />}
            {needsSecret && <PasswordInput label={t`Secret of the application`} description={t`It is sent to the token endpoint alone, and kept nowhere.`} required autoComplete="off" maw="28rem" value={secret} onChange={(event) => setSecret(event.currentTarget.value)} />}
            {byDevice ? <Text size="sm" c="dimmed"><Trans>Its tokens end with it, and nothing is kept.</Trans></Text> : <Text size="sm" c="dimmed"><Trans>While this lasts, and for a quarter of an hour at most, the application is answered at <bdi>{callback}</bdi> too; its tokens end with it.</Trans></Text>}
            <Group>
              <Button type="submit" loading={runs}><Trans>Start</Trans></Button>
              {runs && <Button variant="default" onClick={() => running.current?.abort()}><Trans>Stop</Trans></Button>}
            </Group>
          </Stack>
        </form>
        {failure !== null && <Failed error={failure} />}
      </Panel>
      <div aria-live="polite">
        <Stack component="ol" gap="lg" style={{ listStyle: "none", padding: 0, margin: 0 }}>
          {steps.map((one) => <li key={one.name}><StepPanel step={one} /></li>)}
        </Stack>
      </div>
    </>
  );
}

/** What this page cannot show: a key that only the application has. */
function whyNot(client: Client): "" | "browser" | "key" {
  if (!canDigest()) return "browser";
  const isKnown = ["none", "client_secret_basic", "client_secret_post"].includes(client.token_endpoint_auth_method);
  return isKnown && !client.dpop_bound_access_tokens && !client.tls_client_certificate_bound_access_tokens ? "" : "key";
}
