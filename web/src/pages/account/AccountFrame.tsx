import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Section } from "../../shell/Section";
import { ACCOUNT_MENU } from "./menu";

interface Waiting {
  readonly client_id: string;
  readonly label: string;
  readonly binding_message: string;
  readonly created_at: string;
}

const LOOKED_EVERY = 15_000;

/** Who asks for a permission from the back; the page that decides is the server's own. CIBA-8. */
function Requests() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["requests"], refetchInterval: LOOKED_EVERY, queryFn: ({ signal }) => api.get<{ items: Waiting[] }>("/a/keycell/account/requests", { signal }) });
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Alert title={t`Somebody asks for your permission`} m="md" mb={0} data-testid="requests">
      <Stack gap="xs">
        {items.map((one) => <Text key={one.created_at + one.client_id}><bdi>{one.label}</bdi>{one.binding_message ? <> · <bdi>{one.binding_message}</bdi></> : null}</Text>)}
        <Anchor href="/oauth2/requests"><Trans>Look at what is asked, and say yes or no</Trans></Anchor>
      </Stack>
    </Alert>
  );
}

export function AccountFrame() {
  const { t } = useLingui();
  return <><Requests /><Section at="/account" pages={ACCOUNT_MENU} label={t`Account`} /></>;
}
