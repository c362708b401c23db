/** Switching an application off and on, and removing it: what comes of it is told before. */
import { Button, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Options } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked } from "../../shell/Page";
import { useGo } from "../../shell/To";
import { Because, type Grave } from "./Because";
import type { Client } from "./ClientsPage";
import { Impact, type Use } from "./ClientUse";

export function Ending({ at, client }: { at: string; client: Client }) {
  const { t } = useLingui();
  const go = useGo();
  const [asked, ask] = useState<Grave | null>(null);
  const turn = useDoing(({ is_disabled, options }: { is_disabled: boolean; options: Options }) => api.put(at, { is_disabled }, options), ["clients"]);
  const remove = useDoing((options: Options) => api.delete(at, options), ["clients", "overview"], t`The application is removed.`);
  const disable: Grave = {
    title: t`Disable the application?`, action: t`Disable`, run: (options) => turn.mutate({ is_disabled: true, options }),
    warning: <><Trans>Nobody can sign in to it until it is enabled again.</Trans><Told at={at} /></>,
  };
  const removal: Grave = {
    title: t`Remove the application?`, action: t`Remove`, typed: client.client_name ?? client.client_id,
    run: (options) => remove.mutate(options, { onSuccess: () => go("/admin/applications") }),
    warning: <><Trans>Everything granted to it ends at once: nobody can sign in to it any more.</Trans><Told at={at} /></>,
  };
  return (
    <>
      {client.is_disabled
        ? <Button variant="default" onClick={() => turn.mutate({ is_disabled: false, options: {} })}><Trans>Enable</Trans></Button>
        : <Button variant="default" onClick={() => ask(disable)}><Trans>Disable</Trans></Button>}
      <Button color="red" variant="light" onClick={() => ask(removal)}><Trans>Remove</Trans></Button>
      <Because of={asked} onClose={() => ask(null)} />
    </>
  );
}

function Told({ at }: { at: string }) {
  const found = useQuery({ queryKey: ["clients", at, "use"], queryFn: ({ signal }) => api.get<Use>(`${at}/use`, { signal }) });
  return <Text size="sm" c="dimmed" mt="sm" component="div"><Asked of={found}>{(use) => <Impact of={use} />}</Asked></Text>;
}
