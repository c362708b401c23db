import { Button, Group, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconDownload } from "@tabler/icons-react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Page, Panel } from "../../shell/Page";
import { save } from "../../shell/save";

export default function DataPage() {
  const { t } = useLingui();
  const take = useDoing(async () => {
    const document = await api.get<unknown>("/a/keycell/account/export");
    save(new Blob([JSON.stringify(document, null, 2)], { type: "application/json" }), "keycell-account.json");
  }, [], t`It is in your downloads.`);
  return (
    <Page title={<Trans>Your data</Trans>} about={<Trans>Everything that is kept of you is yours to take along.</Trans>}>
      <Panel title={<Trans>Export</Trans>}>
        <Text><Trans>Profile, sessions, applications, tokens, comments and activity, as one JSON document. Files are downloaded where they are, whole folders as a zip.</Trans></Text>
        <Group><Button leftSection={<IconDownload size={16} aria-hidden />} loading={take.isPending} onClick={() => take.mutate(undefined)}><Trans>Export as JSON</Trans></Button>
          <Button variant="default" component="a" href="/web/a/keycell/account/export.zip" download="keycell.zip"><Trans>Export with files as a zip</Trans></Button></Group>
      </Panel>
      <Panel title={<Trans>Delete your account</Trans>}>
        <Text><Trans>Account and files are removed for good after a while; what that means is said before. Until then, signing in keeps them.</Trans></Text>
        <Group><Button color="red" variant="light" component="a" href="/account/basic/removal"><Trans>Delete your account…</Trans></Button></Group>
      </Panel>
    </Page>
  );
}
