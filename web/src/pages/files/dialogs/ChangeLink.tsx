import { Alert, Button, Checkbox, Group, Modal, PasswordInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, said } from "../../../api";
import { dateOf, endOf } from "../../../format";
import { useSession } from "../../../session";
import { done } from "../../../shell/toast";
import { changeLink, changesOf, type Kind, kindOf, type LinkChange, type ShareLink, shares, undoOf } from "../sharing";
import { EditRisk, useKinds } from "./linkKinds";

interface Props {
  readonly link: ShareLink;
  readonly isFolder: boolean;
  readonly onClose: () => void;
}

/** Change a link that is out there: its address stays. Nothing is changed before the button is pressed. */
export function ChangeLink({ link, isFolder, onClose }: Props) {
  // What was there when it was opened: somebody else may change it meanwhile.
  const [seen, setSeen] = useState(link);
  return (
    <Modal opened onClose={onClose} title={<Trans>Change the link</Trans>}>
      <Fields key={seen.ChangedAt} link={seen} isFolder={isFolder} onClose={onClose} onSeen={setSeen} />
    </Modal>
  );
}

function Fields({ link, isFolder, onClose, onSeen }: Props & { onSeen: (link: ShareLink) => void }) {
  const { t } = useLingui();
  const { can_be_told } = useSession();
  const [label, setLabel] = useState(link.Label);
  const [kind, setKind] = useState<Kind>(kindOf(link.Permissions));
  const [end, setEnd] = useState(dateOf(Number(link.AccessEnd)));
  const [password, setPassword] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [downloads, setDownloads] = useState(link.MaxDownloads === "0" ? "" : link.MaxDownloads);
  const [tells, setTells] = useState(link.Notify);
  const wanted: LinkChange = { label: label.trim(), kind, end: end === dateOf(Number(link.AccessEnd)) ? Number(link.AccessEnd) : endOf(end), password, isOpen, downloads: Number(downloads), tells };
  const change = useChange(link, wanted, onClose);
  const isNothing = Object.keys(changesOf(link, wanted)).length === 0;
  return (
    <Stack>
      <Text size="sm" c="dimmed"><Trans>The address stays as it is.</Trans></Text>
      <TextInput label={t`Name`} value={label} maxLength={200} onChange={(event) => setLabel(event.currentTarget.value)} />
      <Select label={t`Others may`} allowDeselect={false} value={kind} onChange={(value) => setKind(value as Kind)} data={useKinds(isFolder || kind === "edit")} />
      <EditRisk kind={kind} />
      <TextInput
        label={t`Last day`}
        description={end === "" ? t`The link has no end: it works until you end it.` : undefined}
        type="date"
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      {link.PasswordRequired && (
        <Checkbox label={t`No password any more`} checked={isOpen} onChange={(event) => setOpen(event.currentTarget.checked)} />
      )}
      {!isOpen && (
        <PasswordInput
          label={link.PasswordRequired ? t`New password` : t`Password, if wanted`}
          description={link.PasswordRequired ? t`Left empty, the one that stands stays.` : undefined}
          value={password}
          autoComplete="new-password"
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      <TextInput
        label={t`Downloads at most`}
        description={t`Left empty, any number. ${link.CurrentDownloads} so far.`}
        inputMode="numeric"
        value={downloads}
        onChange={(event) => setDownloads(event.currentTarget.value.replace(/\D/g, ""))}
      />
      {can_be_told && <Checkbox label={t`Write to me when it is used`} checked={tells} onChange={(event) => setTells(event.currentTarget.checked)} />}
      {change.error !== null && <Refused error={change.error} link={link} onSeen={onSeen} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}><Trans>Cancel</Trans></Button>
        <Button disabled={isNothing || label.trim() === ""} loading={change.isPending} onClick={() => change.mutate()}><Trans>Save</Trans></Button>
      </Group>
    </Stack>
  );
}

/** Why it was not changed; where somebody else was first, a way to see what they made of it. */
function Refused({ error, link, onSeen }: { error: Error; link: ShareLink; onSeen: (link: ShareLink) => void }) {
  const look = useMutation({
    mutationFn: shares,
    onSuccess: (found) => {
      const now = found.links.find((one) => one.Uuid === link.Uuid);
      if (now !== undefined) onSeen(now);
    },
  });
  return (
    <Alert color="red">
      <Stack gap="xs" align="flex-start">
        {said(error)}
        {error instanceof ApiError && error.code === "LinkChanged" && (
          <Button size="compact-sm" variant="default" loading={look.isPending} onClick={() => look.mutate()}><Trans>Show it as it is now</Trans></Button>
        )}
      </Stack>
    </Alert>
  );
}

function useChange(link: ShareLink, wanted: LinkChange, onClose: () => void) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const again = () => Promise.all(["shares", "rights"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  return useMutation({
    mutationFn: () => changeLink(link, changesOf(link, wanted)),
    onSuccess: async (now) => {
      await again();
      onClose();
      // A password that was before is not known here.
      const isOnceMore = wanted.password === "" && !wanted.isOpen;
      const undo = async () => {
        await changeLink(now, undoOf(link));
        await again();
      };
      done(<Trans>The link was changed</Trans>, isOnceMore ? { label: t`Undo`, run: undo } : undefined);
    },
  });
}
