import { Alert, List, Stack, Switch, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel } from "../../shell/Page";

const LETTERS = "/a/keycell/account/letters";

interface Letters {
  readonly items: readonly { readonly name: string; readonly label: string; readonly is_on: boolean }[];
  /** What is sent whatever was chosen, and why, in words. */
  readonly always: readonly string[];
  readonly why_always: string;
  readonly has_mail: boolean;
}

export default function LettersPage() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["letters"], queryFn: ({ signal }) => api.get<Letters>(LETTERS, { signal }) });
  const choose = useDoing((off: readonly string[]) => api.put(LETTERS, { off }), ["letters"], t`Kept.`);
  return (
    <Page title={<Trans>Letters</Trans>} about={<Trans>Which mail you get from here.</Trans>}>
      <Asked of={found}>
        {(data) => (
          <Stack>
            {!data.has_mail && <Alert color="orange"><Trans>This server sends no mail yet. What you choose counts once it does.</Trans></Alert>}
            <Panel title={<Trans>Write to me when</Trans>}>
              <Stack>
                {data.items.map((one) => (
                  <Switch key={one.name} label={one.label} checked={one.is_on} onChange={(event) => choose.mutate(data.items.filter((other) => (other.name === one.name ? !event.currentTarget.checked : !other.is_on)).map((off) => off.name))} />
                ))}
              </Stack>
            </Panel>
            <Panel title={<Trans>Always sent</Trans>}>
              <Text size="sm" c="dimmed" mb="xs">{data.why_always}</Text>
              <List size="sm">{data.always.map((one) => <List.Item key={one}>{one}</List.Item>)}</List>
            </Panel>
          </Stack>
        )}
      </Asked>
    </Page>
  );
}
