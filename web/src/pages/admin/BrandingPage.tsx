import { Alert, Button, Card, FileButton, Group, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, said } from "../../api";
import { Confirm } from "../../shell/Confirm";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel } from "../../shell/Page";
import { base64, drawnWithin } from "../drawing";
import classes from "./Branding.module.css";

interface Logo {
  readonly digest: string;
  readonly width: number;
  readonly height: number;
}
interface Words {
  readonly name: string;
  readonly accent: string;
  readonly welcome: string;
  readonly terms: string;
  readonly privacy: string;
  readonly help: string;
}
interface Branding extends Words {
  readonly light: Logo | null;
  readonly dark: Logo | null;
}
interface Found {
  readonly draft: Branding;
  readonly published: Branding;
  readonly former: Branding | null;
  readonly is_published: boolean;
  readonly remarks: readonly string[];
}
const AT = "/a/keycell/admin/branding";
const A_PAUSE = 500;

/** How the installation shows itself: worked on as a draft that nobody else sees, looked at, published. UX-X54. */
export default function BrandingPage() {
  const found = useQuery({ queryKey: ["branding"], queryFn: ({ signal }) => api.get<Found>(AT, { signal }) });
  return (
    <Page title={<Trans>Branding</Trans>} about={<Trans>Name, logo and accent of the pages that everybody sees: signing in, consent, errors, public links, letters. What you change is a draft until you publish it.</Trans>}>
      <Asked of={found}>{(data) => <Editor found={data} />}</Asked>
    </Page>
  );
}

function Editor({ found }: { found: Found }) {
  return (
    <>
      <Publishing found={found} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: "start" }}>
        <Panel title={<Trans>Draft</Trans>}><Draft found={found} /></Panel>
        <Panel title={<Trans>Preview</Trans>}><Preview of={JSON.stringify(found.draft)} /></Panel>
      </SimpleGrid>
    </>
  );
}

function Publishing({ found }: { found: Found }) {
  const { t } = useLingui();
  const [asks, setAsks] = useState(false);
  const publish = useDoing(() => api.post(`${AT}/publish`), ["branding"], t`It is published: everybody sees it from now on.`);
  const undo = useDoing(() => api.post(`${AT}/undo`), ["branding"], t`What was shown before is shown again.`);
  return (
    <Card className="k-card" padding="md">
      <Group justify="space-between">
        <Text size="sm" flex="1 1 15rem" role="status">
          {found.is_published ? <Trans>The draft is what everybody sees.</Trans> : <Trans>The draft is not published yet.</Trans>}
        </Text>
        <Group gap="xs">
          {found.former !== null && <Button variant="default" loading={undo.isPending} onClick={() => setAsks(true)}><Trans>Back to the one before</Trans></Button>}
          <Button disabled={found.is_published} loading={publish.isPending} onClick={() => publish.mutate(undefined)}><Trans>Publish</Trans></Button>
        </Group>
      </Group>
      <Confirm opened={asks} title={t`Show what was shown before?`} action={t`Show it`} onClose={() => setAsks(false)} onYes={() => undo.mutate(undefined)}>
        <Trans>Everybody sees again what they saw before the last time. Your draft stays, and the same button brings back what is shown now.</Trans>
      </Confirm>
    </Card>
  );
}

/** Kept as one types, so that nothing is lost; what cannot be kept is said, and stays in its field. */
function Draft({ found }: { found: Found }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const { light, dark, ...kept } = found.draft;
  const [words, setWords] = useState<Words>(kept);
  const [refused, setRefused] = useState("");
  const wanted = JSON.stringify(words);
  useEffect(() => {
    if (wanted === JSON.stringify(kept)) {
      setRefused("");
      return undefined;
    }
    const waiting = setTimeout(() => {
      api.put<Found>(`${AT}/draft`, JSON.parse(wanted)).then(
        (now) => { setRefused(""); queries.setQueryData(["branding"], now); },
        (error: unknown) => setRefused(said(error)),
      );
    }, A_PAUSE);
    return () => clearTimeout(waiting);
    // What is kept follows from what was wanted: only the person's own changes are sent.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, queries]);
  const change = (part: Partial<Words>) => setWords({ ...words, ...part });
  return (
    <Stack>
      <TextInput label={t`Name`} required maxLength={60} value={words.name} onChange={(event) => change({ name: event.currentTarget.value })} />
      <TextInput label={t`Accent`} description={t`Of buttons and links; empty is Keycell’s own.`} placeholder="#2a4fd0" maxLength={7} value={words.accent} onChange={(event) => change({ accent: event.currentTarget.value })} rightSectionWidth={48}
        rightSection={<input type="color" className={classes.colour} aria-label={t`Choose a colour`} value={/^#[0-9a-f]{6}$/i.test(words.accent) ? words.accent : "#2a4fd0"} onChange={(event) => change({ accent: event.currentTarget.value })} />} />
      {found.remarks.length > 0 && <div role="status">{found.remarks.map((one) => <Text key={one} size="sm" c="dimmed">{one}</Text>)}</div>}
      <LogoField which="light" logo={light} label={t`Logo`} about={t`A picture of any kind; it is drawn anew, as small as it is shown.`} />
      <LogoField which="dark" logo={dark} label={t`Logo on dark ground`} about={t`Where there is none, the other stands on white there.`} />
      <TextInput label={t`Welcome`} description={t`One sentence on the page where people sign in.`} maxLength={300} value={words.welcome} onChange={(event) => change({ welcome: event.currentTarget.value })} />
      <TextInput label={t`Terms`} type="url" placeholder="https://" value={words.terms} onChange={(event) => change({ terms: event.currentTarget.value })} />
      <TextInput label={t`Privacy`} type="url" placeholder="https://" value={words.privacy} onChange={(event) => change({ privacy: event.currentTarget.value })} />
      <TextInput label={t`Help`} type="url" placeholder="https:// — mailto:" value={words.help} onChange={(event) => change({ help: event.currentTarget.value })} />
      {refused !== "" && <Alert color="red" role="alert" title={<Trans>Not kept yet</Trans>}><bdi>{refused}</bdi></Alert>}
    </Stack>
  );
}

function LogoField({ which, logo, label, about }: { which: "light" | "dark"; logo: Logo | null; label: string; about: string }) {
  const { t } = useLingui();
  const at = `${AT}/logo/${which}`;
  const keep = useDoing(async (file: File) => api.put(at, { content: await base64(await drawnWithin(file, t`There is no image in this file that the browser knows.`)) }), ["branding"]);
  const remove = useDoing(() => api.delete(at), ["branding"]);
  const forget = useRef<() => void>(null);
  const chosen = (file: File | null) => {
    if (file) keep.mutate(file);
    forget.current?.();
  };
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>{label}</Text>
      <Group gap="xs">
        {logo && <img className={classes.logo} data-ground={which} src={`/branding/${logo.digest}.png`} alt={label} />}
        <FileButton accept="image/*" resetRef={forget} onChange={chosen} inputProps={{ id: `logo-${which}`, "aria-label": label }}>
          {(props) => <Button {...props} variant="default" size="compact-sm" loading={keep.isPending} aria-label={t`${label}: choose an image`}><Trans>Choose an image</Trans></Button>}
        </FileButton>
        {logo && <Button variant="subtle" size="compact-sm" loading={remove.isPending} aria-label={t`${label}: remove`} onClick={() => remove.mutate(undefined)}><Trans>Remove</Trans></Button>}
      </Group>
      <Text size="xs" c="dimmed">{about}</Text>
    </Stack>
  );
}

/** The real page with the draft, at an address where nothing on it works. */
function Preview({ of }: { of: string }) {
  const { t, i18n } = useLingui();
  const [kind, setKind] = useState("login");
  const [theme, setTheme] = useState("light");
  const [shown, setShown] = useState({ of, number: 0 });
  // Another draft is another page; the address says so, or the frame would stay as it is.
  if (shown.of !== of) setShown({ of, number: shown.number + 1 });
  const address = `/web${AT}/preview/${kind}?${new URLSearchParams({ lang: i18n.locale, theme, draft: String(shown.number) })}`;
  return (
    <Stack>
      <Group>
        <SegmentedControl transitionDuration={0} aria-label={t`Page`} value={kind} onChange={setKind} data={[{ value: "login", label: t`Sign-in` }, { value: "consent", label: t`Consent` }, { value: "letter", label: t`Letter` }]} />
        <SegmentedControl transitionDuration={0} aria-label={t`Appearance`} value={theme} onChange={setTheme} data={[{ value: "light", label: t`Light` }, { value: "dark", label: t`Dark` }]} />
      </Group>
      <iframe className={classes.preview} title={t`Preview of the draft`} sandbox="allow-same-origin" src={address} style={{ colorScheme: theme }} />
    </Stack>
  );
}
