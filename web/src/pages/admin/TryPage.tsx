import { Alert, Button, Checkbox, Group, PasswordInput, Select, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api";
import { useSession } from "../../session";
import { Asked, Failed, Page, Panel } from "../../shell/Page";
import { To } from "../../shell/To";
import type { Client } from "./ClientsPage";
import { StepPanel } from "./trying/StepPanel";
import { canDigest } from "./trying/browser";
import { type Step, ownCallback, tryClient } from "./trying/flow";

const NEVER_WITHOUT = "openid";
const USUAL = ["openid", "profile", "email"];

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
  const queries = useQueryClient();
  const offered = client.scope?.split(" ") ?? [...USUAL, "groups", "offline_access"];
  const [scopes, setScopes] = useState<string[]>(offered.filter((one) => USUAL.includes(one)));
  const [prompt, setPrompt] = useState<string | null>("");
  const [secret, setSecret] = useState("");
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const [runs, setRuns] = useState(false);
  const needsSecret = client.token_endpoint_auth_method.startsWith("client_secret");
  const cannot = whyNot(client);
  const callback = ownCallback();

  // Who leaves the page gives it up, and its address among the application's goes.
  useEffect(() => () => running.current?.abort(), []);
  const tell = (step: Step) => setSteps((others) => [...others.filter((one) => one.name !== step.name), step]);
  async function run() {
    // Opened by the click itself, or browsers hold it back.
    const popup = window.open("about:blank", "keycell-try", "popup,width=520,height=760");
    if (popup === null) return setFailure(new Error(t`The browser held the window back: allow pop-up windows for this page.`));
    running.current = new AbortController();
    setFailure(null);
    setSteps([]);
    setRuns(true);
    try {
      await register(at, true);
      await tryClient({ client, secret, scopes, prompt: prompt ?? "", issuer, popup, signal: running.current.signal }, tell);
    } catch (error) {
      popup.close();
      setFailure(error);
    } finally {
      await register(at, false).catch(setFailure);
      setRuns(false);
      await queries.invalidateQueries({ queryKey: ["clients"] });
    }
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
            <Select label="prompt" value={prompt} onChange={setPrompt} allowDeselect={false} maw="20rem"
              data={[{ value: "", label: t`not said` }, ...["login", "consent", "select_account", "none"].map((one) => ({ value: one, label: one }))]} />
            {needsSecret && <PasswordInput label={t`Secret of the application`} description={t`It is sent to the token endpoint alone, and kept nowhere.`} required autoComplete="off" maw="28rem" value={secret} onChange={(event) => setSecret(event.currentTarget.value)} />}
            <Text size="sm" c="dimmed"><Trans>While this lasts, <bdi>{callback}</bdi> is one of the application's redirect URIs; its tokens end with it.</Trans></Text>
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

/** Put our page among the application's redirect URIs, or take it out; the others stay as they are now. */
async function register(at: string, isWanted: boolean): Promise<void> {
  const kept = (await api.get<Client>(at)).redirect_uris ?? [];
  const ours = ownCallback();
  if (kept.includes(ours) === isWanted) return;
  await api.put(at, { metadata: { redirect_uris: isWanted ? [...kept, ours] : kept.filter((one) => one !== ours) } });
}
