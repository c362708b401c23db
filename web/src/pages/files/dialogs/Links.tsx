import { Alert, Button, Checkbox, Group, PasswordInput, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../../api";
import { day } from "../../../format";
import { CopyText } from "../../../shell/CopyText";
import { useSession } from "../../../session";
import { useEndLink } from "../ending";
import type { Node } from "../nodes";
import { type Kind, KINDS, makeLink, type ShareLink, shares } from "../sharing";
import { ChangeLink } from "./ChangeLink";
import classes from "./Details.module.css";
import { EditRisk, useKinds, useKindSaid } from "./linkKinds";

const NEVER = "0";
const MONTH = "30";
const DAY = 86_400;

/** The links to something, and one more. Nothing is made before the button is pressed. */
export function Links({ node }: { node: Node }) {
  const found = useQuery({ queryKey: ["shares"], queryFn: shares });
  const links = found.data?.links.filter((one) => one.RootNodes.some((root) => root.Uuid === node.id)) ?? [];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        <Trans>Public links</Trans>
      </Title>
      <ul className={classes.versions}>
        {links.map((link) => (
          <OneLink key={link.Uuid} link={link} isFolder={node.isFolder} />
        ))}
      </ul>
      <Making node={node} />
    </section>
  );
}

function OneLink({ link, isFolder }: { link: ShareLink; isFolder: boolean }) {
  const { t } = useLingui();
  const end = useEndLink();
  const [isChanging, setChanging] = useState(false);
  const most = Number(link.MaxDownloads);
  const words = [
    link.PasswordRequired && t`with a password`,
    link.Notify && t`you are told of its use`,
    useKindSaid(link.Permissions),
  ].filter((one) => one !== false);
  return (
    <li className={classes.version}>
      <div style={{ minWidth: 0 }}>
        <CopyText text={link.LinkUrl} />
        <Text size="xs" c="dimmed">
          {link.AccessEnd === "0" ? <Trans>without an end</Trans> : <Trans>until {day(Number(link.AccessEnd))}</Trans>}
          {most > 0 && (
            <>
              {" · "}
              <Plural value={most} one="for # download" other="for # downloads" />
            </>
          )}
          {words.map((one) => ` · ${one}`)}
        </Text>
      </div>
      <Group gap={4} wrap="nowrap" flex="none">
        <Button variant="subtle" size="compact-sm" aria-label={t`Change ${link.Label}`} onClick={() => setChanging(true)}>
          <Trans>Change</Trans>
        </Button>
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => end(link)}>
          <Trans>End</Trans>
        </Button>
      </Group>
      {isChanging && <ChangeLink link={link} isFolder={isFolder} onClose={() => setChanging(false)} />}
    </li>
  );
}

function Making({ node }: { node: Node }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [kind, setKind] = useState<Kind>("both");
  const [days, setDays] = useState(MONTH);
  const [password, setPassword] = useState("");
  const [downloads, setDownloads] = useState("");
  const [ending, setEnding] = useState("");
  const [hasMore, setMore] = useState(false);
  const [tells, setTells] = useState(false);
  const [now] = useState(() => Date.now() / 1000);
  const { can_be_told } = useSession();
  const make = useMutation({
    mutationFn: () =>
      makeLink(node, { opens: KINDS[kind], password, days: Number(days), downloads: Number(downloads), ending: ending.trim(), tells }),
    onSuccess: async () => {
      setPassword("");
      setEnding("");
      await Promise.all(["shares", "rights"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  return (
    <Stack gap="xs" mt="sm">
      <Group align="flex-end">
        <Select flex="1 1 12rem" label={t`Others may`} allowDeselect={false} value={kind} onChange={(value) => setKind(value as Kind)} data={useKinds(node.isFolder)} />
        <Select
          flex="1 1 8rem"
          label={t`Ends`}
          allowDeselect={false}
          value={days}
          onChange={(value) => setDays(value ?? NEVER)}
          data={[
            { value: "1", label: t`in a day` },
            { value: "7", label: t`in a week` },
            { value: "30", label: t`in 30 days` },
            { value: "365", label: t`in a year` },
            { value: NEVER, label: t`never` },
          ]}
        />
      </Group>
      <EditRisk kind={kind} />
      <Text size="sm" c="dimmed">
        {days === NEVER ? (
          <Trans>The link has no end: it works until you end it.</Trans>
        ) : (
          <Trans>The link works until {day(now + Number(days) * DAY)}.</Trans>
        )}
      </Text>
      <PasswordInput
        label={t`Password, if wanted`}
        value={password}
        autoComplete="new-password"
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {can_be_told && (
        <Checkbox label={t`Write to me when it is used`} checked={tells} onChange={(event) => setTells(event.currentTarget.checked)} />
      )}
      {hasMore ? (
        <Group grow align="flex-end">
          <TextInput
            label={t`Downloads at most`}
            inputMode="numeric"
            value={downloads}
            onChange={(event) => setDownloads(event.currentTarget.value.replace(/\D/g, ""))}
          />
          <TextInput
            label={t`Address ends with`}
            value={ending}
            autoComplete="off"
            onChange={(event) => setEnding(event.currentTarget.value)}
          />
        </Group>
      ) : (
        <Button variant="subtle" size="compact-sm" style={{ alignSelf: "start" }} onClick={() => setMore(true)}>
          <Trans>More choices</Trans>
        </Button>
      )}
      {make.error !== null && <Alert color="red">{said(make.error)}</Alert>}
      <Button id="make-link" loading={make.isPending} onClick={() => make.mutate()}>
        <Trans>Make a link</Trans>
      </Button>
    </Stack>
  );
}
