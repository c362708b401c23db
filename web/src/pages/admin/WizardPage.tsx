import { Button, Code, Group, List, SimpleGrid, Stack, Stepper, Text, TextInput, UnstyledButton } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconFileImport } from "@tabler/icons-react";
import { useState } from "react";
import { api, said } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel } from "../../shell/Page";
import { useSession } from "../../session";
import { FirstSignIn } from "./FirstSignIn";
import classes from "./Wizard.module.css";
import { AnyApplication, OnlyTests } from "./WizardAny";
import { FromFile } from "./WizardFile";
import type { Made } from "./wizard";
import { To } from "../../shell/To";

interface Preset {
  readonly preset_id: string;
  readonly label: string;
  readonly where: string;
  readonly example: string;
  readonly name: string;
  readonly notes: readonly string[];
}
interface Preview {
  readonly metadata: { readonly redirect_uris: readonly string[]; readonly scope: string };
  readonly block: string;
}
export default function WizardPage() {
  const { t } = useLingui();
  const [step, setStep] = useState(0);
  const { issuer } = useSession();
  const [preset, setPreset] = useState<Preset | "any" | "file">("any");
  const [made, setMade] = useState<Made | null>(null);
  const presets = useQuery({ queryKey: ["presets"], queryFn: ({ signal }) => api.get<{ items: Preset[] }>("/a/keycell/admin/presets", { signal }) });
  const known = typeof preset === "string" ? null : preset;
  const done = (client: Made) => {
    setMade(client);
    setStep(2);
  };
  function choose(one: Preset | "any" | "file") {
    setPreset(one);
    setStep(1);
  }
  return (
    <Page title={<Trans>Connect an application</Trans>} about={<Trans>One address is enough for an application we know; you get the piece of its own configuration to paste.</Trans>}>
      <Stepper active={step} size="sm" wrap={false} classNames={{ step: classes.step, stepBody: classes.stepBody }} onStepClick={(to) => { if (to < step && made === null) setStep(to); }}>
        <Stepper.Step label={t`Which one`} aria-current={step === 0 ? "step" : undefined}>
          <Panel>
            <Asked of={presets}>
              {(data) => (
                <SimpleGrid cols={{ base: 2, sm: 3, md: 4 }} spacing="sm">
                  {data.items.map((one) => (
                    <UnstyledButton key={one.preset_id} className={classes.choice} onClick={() => choose(one)}>{one.label}</UnstyledButton>
                  ))}
                </SimpleGrid>
              )}
            </Asked>
            <Group gap="sm" mt="xs">
              <Text c="dimmed"><Trans>Not among them?</Trans></Text>
              <Button variant="default" onClick={() => choose("any")}><Trans>Another one</Trans></Button>
              <Button variant="default" leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => choose("file")}><Trans>From a file</Trans></Button>
            </Group>
          </Panel>
        </Stepper.Step>
        <Stepper.Step label={t`Its address`} aria-current={step === 1 ? "step" : undefined}>
          {preset === "any" && <AnyApplication onMade={done} />}
          {preset === "file" && <FromFile onMade={done} />}
          {known && <KnownApplication preset={known} onMade={done} />}
        </Stepper.Step>
        <Stepper.Step label={t`Paste and try`} aria-current={step === 2 ? "step" : undefined}>
          {made && (
            <Stack>
              <Panel title={<Trans><bdi>{made.client_name}</bdi> is registered</Trans>}>
                {known && <Text><Trans>Put this into <b>{known.where}</b>. The secret in it is shown this once.</Trans></Text>}
                {made.block
                  ? <CopyBlock text={made.block} label={t`Configuration of ${made.client_name ?? ""}`} isSecret />
                  : <CopyBlock isSecret label={t`What the application needs`} text={[`issuer: ${issuer}`, `client_id: ${made.client_id}`, made.client_secret ? `client_secret: ${made.client_secret}` : ""].filter(Boolean).join("\n")} />}
                {!made.block && <Text size="sm" c="dimmed"><Trans>From the issuer it finds every address by itself, at <a className="k-link" href={`${issuer}/.well-known/openid-configuration`}>its discovery document</a>. A secret in it is shown this once.</Trans></Text>}
                {known && known.notes.length > 0 && <List size="sm">{known.notes.map((note) => <List.Item key={note}>{note}</List.Item>)}</List>}
              </Panel>
              <FirstSignIn client={made} />
              <Group><Button variant="default" renderRoot={(props) => <To to={`/admin/applications/${encodeURIComponent(made.client_id)}`} {...props} />}><Trans>To the application</Trans></Button></Group>
            </Stack>
          )}
        </Stepper.Step>
      </Stepper>
    </Page>
  );
}

function KnownApplication({ preset, onMade }: { preset: Preset; onMade: (made: Made) => void }) {
  const { t } = useLingui();
  const [base, setBase] = useState("");
  const [name, setName] = useState(preset.name);
  const [asked] = useDebouncedValue({ base, name }, 300);
  const at = `/a/keycell/admin/presets/${preset.preset_id}`;
  const preview = useQuery({
    queryKey: ["preview", preset.preset_id, asked.base, asked.name],
    enabled: asked.base !== "",
    queryFn: ({ signal }) => api.get<Preview>(`${at}?${new URLSearchParams({ base: asked.base, ...(asked.name ? { name: asked.name } : {}) })}`, { signal }),
  });
  const [isTest, setTest] = useState(false);
  const make = useDoing(() => api.post<Made>(at, { base, is_test: isTest, ...(preset.name ? { name } : {}) }), ["clients", "overview", "checklist"]);
  return (
    <Panel title={preset.label}>
      <form onSubmit={(event) => { event.preventDefault(); make.mutate(undefined, { onSuccess: onMade }); }}>
        <Stack>
          <TextInput label={t`Address of ${preset.label}`} description={t`As it stands in the browser's address bar`} placeholder={preset.example} type="url" required data-autofocus
            value={base} onChange={(event) => setBase(event.currentTarget.value)} error={preview.error ? said(preview.error) : undefined} />
          {preset.name !== "" && <TextInput label={t`The name it gives us`} description={t`It is part of its addresses`} required value={name} onChange={(event) => setName(event.currentTarget.value)} />}
          {preview.data && (
            <Stack gap={4}>
              <Text size="sm" fw={600}><Trans>What will be registered</Trans></Text>
              {preview.data.metadata.redirect_uris.map((uri) => <Code key={uri} block>{uri}</Code>)}
              <Text size="sm" c="dimmed"><Trans>It may ask for</Trans> {preview.data.metadata.scope}</Text>
            </Stack>
          )}
          <OnlyTests value={isTest} onChange={setTest} />
          <Group><Button type="submit" loading={make.isPending}><Trans>Register</Trans></Button></Group>
        </Stack>
      </form>
    </Panel>
  );
}
