/** An application that is not known beforehand: what it is in plain words, and where it is answered. */
import { Alert, Button, Checkbox, Group, SimpleGrid, Stack, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, said } from "../../api";
import { useDoing } from "../../shell/doing";
import { Panel } from "../../shell/Page";
import classes from "./Wizard.module.css";
import type { Made } from "./wizard";

interface Type {
  readonly label: MessageDescriptor;
  readonly about: MessageDescriptor;
  readonly isPublic: boolean;
  readonly grants: readonly string[];
  readonly native?: boolean;
  /** Where people come back to; none for what they never see in a browser. */
  readonly example?: string;
}
const CODE = ["authorization_code", "refresh_token"];
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const TYPES: Readonly<Record<string, Type>> = {
  web: { label: msg`Web application`, about: msg`Runs on a server, which keeps a secret: a wiki, a shop, a dashboard.`, isPublic: false, grants: CODE, example: "https://app.example.org/callback" },
  spa: { label: msg`Single-page application`, about: msg`Runs in the browser alone and can keep no secret: PKCE takes its place.`, isPublic: true, grants: CODE, example: "https://app.example.org/callback" },
  native: { label: msg`App on phones or computers`, about: msg`Is installed by people and can keep no secret; it comes back by an address of its own or of the device.`, isPublic: true, native: true, grants: CODE, example: "com.example.app:/callback" },
  device: { label: msg`Device or command line`, about: msg`Has no browser: shows a code that is entered on another device.`, isPublic: true, native: true, grants: [DEVICE, "refresh_token"] },
  service: { label: msg`Service`, about: msg`A program that acts for itself, with nobody signed in: a job at night.`, isPublic: false, grants: ["client_credentials"] },
  api: { label: msg`API`, about: msg`Is called with tokens of others and asks here whether they are good.`, isPublic: false, grants: ["client_credentials"] },
};
interface Judged {
  readonly redirect_uri: string;
  readonly error: string;
  readonly kind: "" | "web" | "loopback" | "localhost" | "own-scheme";
}

export function AnyApplication({ onMade }: { onMade: (made: Made) => void }) {
  const { t, i18n } = useLingui();
  const [name, setName] = useState("");
  const [lines, setLines] = useState("");
  const [chosen, setChosen] = useState("web");
  const [isTest, setTest] = useState(false);
  const type = TYPES[chosen] ?? TYPES.web!;
  // Byte for byte, but for what stands around a line.
  const uris = type.example === undefined ? [] : lines.split("\n").map((one) => one.trim()).filter(Boolean);
  const judged = useJudged(uris, type.isPublic);
  const make = useDoing(() => api.post<Made>("/a/keycell/admin/clients", {
    metadata: {
      client_name: name, redirect_uris: uris, grant_types: type.grants, ...(uris.length === 0 ? { response_types: [] } : {}),
      token_endpoint_auth_method: type.isPublic ? "none" : "client_secret_basic", ...(type.native ? { application_type: "native" } : {}),
    },
    is_test: isTest,
  }), ["clients", "overview", "checklist"]);
  const isWrong = judged.some((one) => one.error !== "");
  return (
    <Panel title={<Trans>Another application</Trans>}>
      <form onSubmit={(event) => { event.preventDefault(); make.mutate(undefined, { onSuccess: onMade }); }}>
        <Stack>
          <Text fw={600} size="sm" id="types"><Trans>What it is</Trans></Text>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm" role="group" aria-labelledby="types">
            {Object.entries(TYPES).map(([id, one]) => (
              <UnstyledButton key={id} className={classes.choice} aria-pressed={id === chosen} onClick={() => setChosen(id)}>
                <span className={classes.label}>{i18n._(one.label)}</span><span className={classes.about}>{i18n._(one.about)}</span>
              </UnstyledButton>
            ))}
          </SimpleGrid>
          <TextInput label={t`Name`} description={t`People read it when they are asked`} required value={name} onChange={(event) => setName(event.currentTarget.value)} />
          {type.example !== undefined && (
            <Textarea label={t`Redirect URI`} description={t`Exactly as the application says it, one a line: every character counts, and no * stands for others.`} placeholder={type.example} required autosize minRows={2} spellCheck={false}
              value={lines} onChange={(event) => setLines(event.currentTarget.value)} error={isWrong ? t`Look at what is said below.` : undefined} />
          )}
          {judged.length > 0 && <Judgement of={judged} />}
          {make.error && <Alert color="red" role="alert"><bdi>{said(make.error)}</bdi></Alert>}
          <OnlyTests value={isTest} onChange={setTest} />
          <Group><Button type="submit" disabled={isWrong} loading={make.isPending}><Trans>Register</Trans></Button></Group>
        </Stack>
      </form>
    </Panel>
  );
}

/** Whether it is to be tried out first. UX-V06. */
export function OnlyTests({ value, onChange }: { value: boolean; onChange: (value: boolean) => void }) {
  const { t } = useLingui();
  return (
    <Checkbox label={t`In test mode`} description={t`It ends by itself after 30 days, says so to people, and its errors say more. It can be made real at any time.`}
      checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
  );
}

/** What the server says of addresses as they are typed. */
function useJudged(uris: readonly string[], isPublic: boolean): readonly Judged[] {
  const [asked] = useDebouncedValue(uris.join("\n"), 250);
  const found = useQuery({
    queryKey: ["judged", asked, isPublic], enabled: asked !== "", placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.post<{ items: Judged[] }>("/a/keycell/admin/client-check", { redirect_uris: asked.split("\n"), is_public: isPublic }, { signal }),
  });
  return asked === "" ? [] : (found.data?.items ?? []);
}

function Judgement({ of }: { of: readonly Judged[] }) {
  const { t } = useLingui();
  const kinds = {
    "": "", web: t`is matched byte for byte, a slash at its end too`, loopback: t`is matched with any port: apps take one that is free`,
    localhost: t`is matched with this port alone; 127.0.0.1 leaves it free`, "own-scheme": t`is an address of the app itself: anything on the device may claim it, so people always confirm`,
  };
  return (
    <Stack component="ul" gap={4} aria-live="polite" style={{ listStyle: "none", padding: 0, margin: 0 }}>
      {of.map((one) => (
        <Text key={one.redirect_uri} component="li" size="sm" c={one.error ? "red" : "dimmed"} style={{ overflowWrap: "anywhere" }}>
          {one.error ? <bdi>{one.error}</bdi> : <><bdi>{one.redirect_uri}</bdi> {kinds[one.kind]}</>}
        </Text>
      ))}
    </Stack>
  );
}
