import { Alert, Badge, Button, FileInput, Group, Modal, Stack, Table, Text, Textarea } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Wide } from "../../shell/Page";

type Result = "new" | "there" | "refused";
interface Judged {
  readonly is_done: boolean;
  readonly counts: Record<Result, number>;
  readonly items: readonly { line: number; login: string; name: string; group: string; result: Result; why: string }[];
}
const COLORS = { new: "green", there: "gray", refused: "red" } as const;
const EXAMPLE = "login,name,email,group,roles\nann,Ann Example,ann@example.org,/staff,editor";

/** People from a table: looked at row by row, and added all at once or not at all. */
export function Importing({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const [table, setTable] = useState("");
  const [judged, setJudged] = useState<Judged | null>(null);
  const ask = useDoing(
    (is_dry_run: boolean) => api.post<Judged>("/a/keycell/admin/user-import", { table, is_dry_run }),
    ["people", "overview", "checklist"],
  );
  const put = (text: string) => {
    setTable(text);
    setJudged(null);
  };
  const close = () => {
    put("");
    onClose();
  };
  const isFit = judged !== null && judged.counts.refused === 0 && judged.counts.new > 0 && !judged.is_done;
  return (
    <Modal opened={opened} onClose={close} size="xl" title={t`Add people from a table`} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack>
        <Text size="sm"><Trans>CSV, with the columns' names in its first line: login, name, email, group and roles. Up to 1000 people. Passwords are not among them: each person sets their own, by "Forgot password?" or by a link that you make.</Trans></Text>
        <FileInput label={t`File`} accept=".csv,text/csv" placeholder={t`Choose a file`} clearable onChange={(file) => { if (file) void file.text().then(put); }} />
        <Textarea label={t`Table`} autosize minRows={4} maxRows={10} spellCheck={false} placeholder={EXAMPLE} styles={{ input: { fontFamily: "monospace" } }}
          value={table} onChange={(event) => put(event.currentTarget.value)} />
        {judged && <Report judged={judged} />}
        <Group justify="flex-end">
          <Button variant="default" disabled={table.trim() === ""} loading={ask.isPending} onClick={() => ask.mutate(true, { onSuccess: setJudged })}><Trans>Look at it first</Trans></Button>
          <Button disabled={!isFit} loading={ask.isPending} onClick={() => ask.mutate(false, { onSuccess: setJudged })}><Trans>Add them</Trans></Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Report({ judged }: { judged: Judged }) {
  const { t } = useLingui();
  const results: Record<Result, string> = { new: t`new`, there: t`there already`, refused: t`refused` };
  return (
    <Stack gap="sm" aria-live="polite">
      <Group gap="xs">
        {(["new", "there", "refused"] as const).map((one) => <Badge key={one} variant="light" color={COLORS[one]}>{results[one]}: {judged.counts[one]}</Badge>)}
      </Group>
      {judged.is_done && <Alert color="green"><Trans>They are added.</Trans></Alert>}
      {judged.counts.refused > 0 && <Alert color="red"><Trans>Nobody is added while a row is refused: mend the rows, then look again.</Trans></Alert>}
      <Wide>
        <Table verticalSpacing="xs" stickyHeader>
          <Table.Thead><Table.Tr><Table.Th><Trans>Line</Trans></Table.Th><Table.Th><Trans>Result</Trans></Table.Th><Table.Th><Trans>Login</Trans></Table.Th><Table.Th><Trans>Name</Trans></Table.Th><Table.Th><Trans>Group</Trans></Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {[...judged.items].toSorted((one, other) => Number(other.result === "refused") - Number(one.result === "refused")).slice(0, MOST_SHOWN).map((one) => (
              <Table.Tr key={one.line}>
                <Table.Td>{one.line}</Table.Td>
                <Table.Td><Badge variant="light" color={COLORS[one.result]}>{results[one.result]}</Badge>{one.why && <Text size="sm" c="red"><bdi>{one.why}</bdi></Text>}</Table.Td>
                <Table.Td><bdi>{one.login}</bdi></Table.Td><Table.Td><bdi>{one.name}</bdi></Table.Td><Table.Td><bdi>{one.group}</bdi></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}

const MOST_SHOWN = 200;
