/** How long the application's tokens last, in which form, and by which algorithms: with what is safe, and why. */
import { Button, Code, Group, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState, type ChangeEvent } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Panel } from "../../shell/Page";
import type { Client } from "./ClientsPage";

const LASTS = ["access_token_seconds", "id_token_seconds", "refresh_token_seconds"] as const;
type Lasts = Record<(typeof LASTS)[number], number | null>;
interface Kept extends Lasts {
  readonly access_token_format: "jwt" | "opaque";
  readonly defaults: Record<(typeof LASTS)[number], number>;
  readonly longest: Record<(typeof LASTS)[number], number>;
  readonly shortest_seconds: number;
  readonly rotates: boolean;
}
interface Algorithms {
  readonly id_token_signed_response_alg?: string;
  readonly userinfo_signed_response_alg?: string;
}
const UNITS = { access_token_seconds: 60, id_token_seconds: 60, refresh_token_seconds: 86_400 };
const SIGNED = ["RS256", "PS256", "ES256", "EdDSA"];

export function Tokens({ at, client }: { at: string; client: Client }) {
  const kept = useQuery({ queryKey: ["clients", at, "tokens"], queryFn: ({ signal }) => api.get<Kept>(`${at}/tokens`, { signal }) });
  return (
    <Panel title={<Trans>Its tokens</Trans>}>
      <Asked of={kept}>{(data) => <Editing key={JSON.stringify(data)} at={at} kept={data} client={client} />}</Asked>
    </Panel>
  );
}

function Editing({ at, kept, client }: { at: string; kept: Kept; client: Client & Algorithms }) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<Lasts & Pick<Kept, "access_token_format">>(kept);
  const alg = client.id_token_signed_response_alg ?? "RS256";
  const [signed, setSigned] = useState(alg);
  const keep = useDoing(async () => {
    const { access_token_seconds, id_token_seconds, refresh_token_seconds, access_token_format } = draft;
    await api.put(`${at}/tokens`, { access_token_seconds, id_token_seconds, refresh_token_seconds, access_token_format });
    if (signed !== alg) await api.put(at, { metadata: { id_token_signed_response_alg: signed } });
  }, ["clients", "told"], t`It counts from now on.`);
  const field = (name: (typeof LASTS)[number]) => {
    const unit = UNITS[name];
    return {
      type: "number", min: Math.ceil(kept.shortest_seconds / unit), max: kept.longest[name] / unit, step: "any",
      placeholder: String(kept.defaults[name] / unit), value: draft[name] === null ? "" : draft[name] / unit,
      onChange: ({ currentTarget: { value } }: ChangeEvent<HTMLInputElement>) => setDraft({ ...draft, [name]: value === "" ? null : Math.round(Number(value) * unit) }),
    };
  };
  const usual = (name: (typeof LASTS)[number]) => kept.defaults[name] / UNITS[name];
  const [access, id, refresh] = LASTS.map(usual);
  return (
    <form onSubmit={(event) => { event.preventDefault(); keep.mutate(undefined); }}>
      <Stack>
        <Text c="dimmed" size="sm"><Trans>What is left empty is as for everybody, which is safe; it counts for the next tokens.</Trans></Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t`Access token, in minutes`} {...field("access_token_seconds")}
            description={t`Usually ${access}. Who checks a signature alone believes it until then, whatever is ended meanwhile: short is safe.`} />
          <TextInput label={t`ID token, in minutes`} {...field("id_token_seconds")}
            description={t`Usually ${id}. It proves the sign-in once, on arrival: longer is of no use to most.`} />
          <TextInput label={t`Refresh token, in days since its last use`} {...field("refresh_token_seconds")}
            description={t`Usually ${refresh}. So long somebody need not sign in again who does not use the application.`} />
          <Select label={t`Form of access tokens`} allowDeselect={false} value={draft.access_token_format} onChange={(value) => setDraft({ ...draft, access_token_format: value as Kept["access_token_format"] })}
            data={[{ value: "jwt", label: t`signed, readable (JWT)` }, { value: "opaque", label: t`opaque: only this server reads it` }]}
            description={t`Readable ones are checked without asking here; opaque ones tell nobody anything, and each use asks.`} />
          <Select label={t`ID tokens are signed by`} allowDeselect={false} value={signed} onChange={(value) => setSigned(value ?? alg)} data={[...new Set([...SIGNED, alg])]}
            description={t`RS256 is what every library knows. Take another where the application asks for it.`} />
        </SimpleGrid>
        <Text size="sm">
          {kept.rotates
            ? <Trans>Refresh tokens rotate: each is good once, a lost answer gives the same successor again, and one that was stolen ends all. It cannot be switched off.</Trans>
            : <Trans>Refresh tokens do not rotate: the profile <Code>fapi2</Code> binds them to the application's key instead.</Trans>}
        </Text>
        <Group>
          <Button type="submit" variant="default" loading={keep.isPending}><Trans>Save its tokens</Trans></Button>
          <Button variant="subtle" onClick={() => setDraft({ access_token_seconds: null, id_token_seconds: null, refresh_token_seconds: null, access_token_format: "jwt" })}><Trans>As for everybody</Trans></Button>
        </Group>
      </Stack>
    </form>
  );
}
