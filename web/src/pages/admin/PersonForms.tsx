import { Button, Group, Modal, PasswordInput, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Panel } from "../../shell/Page";
import { addressOf, type Whole } from "./whole";

const LEAST = 8;

/** The group somebody is in, and the roles they have. */
export function Membership({ of }: { of: Whole }) {
  const { t } = useLingui();
  const { account } = of;
  const [group, setGroup] = useState(account.group);
  const [given, setRoles] = useState<string[]>([...account.roles]);
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => api.get<{ items: { path: string }[] }>("/a/keycell/admin/groups", { signal }) });
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => api.get<{ items: { role_id: string }[] }>("/a/keycell/admin/roles", { signal }) });
  const save = useDoing(() => api.put(addressOf(account.login), { group, roles: given }), ["people", "groups"], t`It counts from now on.`);
  const isSame = group === account.group && given.join(" ") === account.roles.join(" ");
  const paths = (groups.data?.items ?? []).map((one) => one.path);
  return (
    <Panel title={<Trans>Group and roles</Trans>}>
      <form onSubmit={(event) => { event.preventDefault(); save.mutate(undefined); }}>
        <Stack>
          <Select label={t`Group`} searchable allowDeselect={false} data={[...new Set(["/", ...paths, account.group])]} value={group} onChange={(value) => setGroup(value ?? account.group)} />
          <TagsInput label={t`Roles`} data={(roles.data?.items ?? []).map((one) => one.role_id)} value={given} onChange={setRoles} />
          <Group><Button type="submit" variant="default" disabled={isSame} loading={save.isPending}><Trans>Save</Trans></Button></Group>
        </Stack>
      </form>
    </Panel>
  );
}

/** A new password, which signs them out wherever they are. */
export function Password({ login }: { login: string }) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const [reason, setReason] = useState("");
  const give = useDoing(() => api.put(`${addressOf(login)}/password`, { password }, { headers: { "X-Keycell-Reason": encodeURIComponent(reason.trim()) } }), ["people"], t`The password is set.`);
  const close = () => { setOpen(false); setPassword(""); setReason(""); };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}><Trans>New password</Trans></Button>
      <Modal opened={isOpen} onClose={close} title={t`New password`} closeButtonProps={{ "aria-label": t`Close` }}>
        <form onSubmit={(event) => { event.preventDefault(); give.mutate(undefined, { onSuccess: close }); }}>
          <Stack>
            <PasswordInput label={t`New password`} description={t`They are signed out wherever they are. A one-time link is better: then nobody else knows it.`} data-autofocus required autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
            <TextInput label={t`Reason`} required maxLength={300} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
            <Group justify="flex-end"><Button type="submit" loading={give.isPending} disabled={password.length < LEAST || reason.trim() === ""}><Trans>Set the password</Trans></Button></Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
