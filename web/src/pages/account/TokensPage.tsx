import { Button, Group, Modal, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel } from "../../shell/Page";
import { useSpaces } from "../files/folder";
import { Lasts } from "./Lasts";
import { durationOf, type Lasting, USUAL } from "./lasting";
import { scopesOf } from "./scopes";
import { type Held, TOKENS, Tokens } from "./Tokens";

interface Kept {
  readonly items: readonly Held[];
  readonly longest_days: number;
}
interface Fresh {
  readonly label: string;
  readonly access_token?: string;
  readonly access_key_id?: string;
  readonly secret_access_key?: string;
}

const CHANGED = ["tokens", "security"];

export default function TokensPage() {
  const [fresh, setFresh] = useState<Fresh | null>(null);
  const [old, setOld] = useState<Held | null>(null);
  const found = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => api.get<Kept>(TOKENS, { signal }) });
  const longest = found.data?.longest_days ?? 365;
  return (
    <Page title={<Trans>Access tokens</Trans>} about={<Trans>For programs of your own: they open what you choose, until the day you choose. Before one ends you are told by mail.</Trans>}>
      <Panel title={<Trans>New token</Trans>}>
        <Making longest={longest} onMade={setFresh} />
        {fresh && <Secret of={fresh} />}
      </Panel>
      <Panel title={<Trans>Your tokens</Trans>}>
        <Asked of={found}>{(data) => <Tokens items={data.items} onRenew={setOld} />}</Asked>
      </Panel>
      {old && <Renewing old={old} longest={longest} onClose={() => setOld(null)} onMade={setFresh} />}
    </Page>
  );
}

function Secret({ of: { label, access_token: token, access_key_id: key, secret_access_key: secret } }: { of: Fresh }) {
  const { t } = useLingui();
  if (token) return <CopyBlock text={token} label={t`The text of “${label}”; it is shown this once`} isSecret />;
  return <CopyBlock text={`${key}\n${secret}`} label={t`Access key and secret of “${label}”; the secret is shown this once`} isSecret />;
}

interface Wish {
  readonly label: string;
  readonly lasting: Lasting;
  readonly place: "all" | "some";
  readonly spaces: string[];
  readonly rights: "r" | "rw";
}

function Making({ longest, onMade }: { longest: number; onMade: (fresh: Fresh) => void }) {
  const { t } = useLingui();
  const spaces = useSpaces().data ?? [];
  const form = useForm<Wish>({
    initialValues: { label: "", lasting: USUAL, place: "all", spaces: [], rights: "r" },
    validate: {
      label: (value) => (value.trim() ? null : t`Say what it is for`),
      spaces: (value, { place }) => (place === "some" && value.length === 0 ? t`Choose at least one space` : null),
    },
  });
  const make = useDoing((wish: Wish) => api.post<Fresh>(TOKENS, {
    label: wish.label, expires: durationOf(wish.lasting), scopes: scopesOf(wish.place === "some" ? wish.spaces : [], wish.rights === "rw"),
  }), CHANGED);
  return (
    <form onSubmit={form.onSubmit((wish) => make.mutate(wish, { onSuccess: (fresh) => { onMade(fresh); form.reset(); } }))}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t`What it is for`} placeholder={t`Backup of the laptop`} maxLength={100} {...form.getInputProps("label")} />
          <Lasts longest={longest} value={form.values.lasting} onChange={(lasting) => form.setFieldValue("lasting", lasting)} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select label={t`It may`} allowDeselect={false} data={[{ value: "r", label: t`read files` }, { value: "rw", label: t`read and change files` }]} {...form.getInputProps("rights")} />
          <Select label={t`Where`} allowDeselect={false} data={[{ value: "all", label: t`in all your spaces` }, { value: "some", label: t`in some spaces only` }]} {...form.getInputProps("place")} />
        </SimpleGrid>
        {form.values.place === "some" && (
          <MultiSelect label={t`Spaces`} searchable hidePickedOptions data={spaces.map((space) => ({ value: space.slug, label: space.label }))} {...form.getInputProps("spaces")} />
        )}
        <Group><Button type="submit" loading={make.isPending}><Trans>Make the token</Trans></Button></Group>
      </Stack>
    </form>
  );
}

function Renewing({ old, longest, onClose, onMade }: { old: Held; longest: number; onClose: () => void; onMade: (fresh: Fresh) => void }) {
  const { t } = useLingui();
  const [lasting, setLasting] = useState<Lasting>(USUAL);
  const isByUse = old.auto_refresh !== null;
  const renew = useDoing(
    () => api.post<Fresh>(`${TOKENS}/${encodeURIComponent(old.token_id)}/secret`, isByUse ? {} : { expires: durationOf(lasting) }),
    CHANGED, t`It has a new text. The former one opens nothing any more.`,
  );
  return (
    <Modal opened onClose={onClose} title={t`Renew “${old.label}”`} closeButtonProps={{ "aria-label": t`Close` }}>
      <form onSubmit={(event) => { event.preventDefault(); renew.mutate(undefined, { onSuccess: (fresh) => { onMade(fresh); onClose(); } }); }}>
        <Stack>
          <Text size="sm"><Trans>It gets a new text, which your program then needs; what it may do stays. The former text opens nothing from that moment on.</Trans></Text>
          {!isByUse && <Lasts longest={longest} value={lasting} onChange={setLasting} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}><Trans>Cancel</Trans></Button>
            <Button type="submit" loading={renew.isPending}><Trans>Renew</Trans></Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
