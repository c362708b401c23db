import { Button, Group, Modal, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Panel, When, Wide } from "../../shell/Page";

interface Invitation {
  readonly invitation_id: string;
  readonly email: string;
  readonly group: string;
  readonly expires_at: string;
}
interface Handed {
  readonly link: string;
  readonly code: string;
  readonly is_mailed: boolean;
}

/** Invites somebody by mail, or by a link to hand over where no mail server is set. */
export function Inviting({ opened, groups, onClose }: { opened: boolean; groups: readonly string[]; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const [email, setEmail] = useState("");
  const [group, setGroup] = useState<string | null>("/");
  const invite = useDoing(
    () => api.post<Handed>("/a/keycell/admin/user-invitations", { email, group: group ?? "/", language: i18n.locale }),
    ["invitations"], t`The invitation is made.`,
  );
  function close() {
    invite.reset();
    setEmail("");
    onClose();
  }
  return (
    <Modal opened={opened} onClose={close} title={t`Invite a person`} size="lg" closeButtonProps={{ "aria-label": t`Close` }}>
      {invite.data ? <HandOver handed={invite.data} /> : (
        <form onSubmit={(event) => { event.preventDefault(); invite.mutate(undefined); }}>
          <Stack>
            <TextInput label={t`Mail address`} type="email" required autoComplete="off" value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
            <Select label={t`Group`} allowDeselect={false} data={["/", ...groups.filter((one) => one !== "/")]} value={group} onChange={setGroup} />
            <Group justify="flex-end"><Button type="submit" loading={invite.isPending}><Trans>Invite</Trans></Button></Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** A link that is shown once, and whether it was mailed as well. */
export function HandOver({ handed }: { handed: Handed }) {
  const { t } = useLingui();
  // Where the code is asked for: beside the link of an invitation, in place of that of a new password.
  const where = handed.link.replace(/\?.*/, "").replace(/\/link$/, "/code");
  return (
    <Stack>
      <Text>{handed.is_mailed ? <Trans>It is on its way by mail. The same link, if you rather hand it over yourself:</Trans> : <Trans>No mail server is set: hand this link over yourself.</Trans>}</Text>
      <CopyBlock text={handed.link} label={t`Link; it is shown this once`} isSecret />
      <Text size="sm" c="dimmed"><Trans>Or, by telephone, the code {handed.code}, which is entered at {where}</Trans></Text>
    </Stack>
  );
}

/** Invitations that nobody has answered yet. */
export function Invitations() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["invitations"], queryFn: ({ signal }) => api.get<{ items: Invitation[] }>("/a/keycell/admin/user-invitations", { signal }) });
  const withdraw = useDoing((id: string) => api.delete(`/a/keycell/admin/user-invitations/${encodeURIComponent(id)}`), ["invitations"], t`The invitation opens nothing any more.`);
  if (!found.data?.items.length) return null;
  return (
    <Panel title={<Trans>Open invitations</Trans>}>
      <Wide>
        <Table verticalSpacing="sm">
          <Table.Thead><Table.Tr><Table.Th><Trans>Mail address</Trans></Table.Th><Table.Th><Trans>Group</Trans></Table.Th><Table.Th><Trans>Ends</Trans></Table.Th><Table.Td /></Table.Tr></Table.Thead>
          <Table.Tbody>
            {found.data.items.map((one) => (
              <Table.Tr key={one.invitation_id}>
                <Table.Td><bdi>{one.email}</bdi></Table.Td><Table.Td><bdi>{one.group}</bdi></Table.Td><Table.Td><When at={one.expires_at} /></Table.Td>
                <Table.Td ta="end"><Button size="xs" variant="default" aria-label={t`Withdraw the invitation of ${one.email}`} onClick={() => withdraw.mutate(one.invitation_id)}><Trans>Withdraw</Trans></Button></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Panel>
  );
}
