import { Button, Card, Group, Text, ThemeIcon } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCheck, IconDeviceLaptop, IconUpload, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSession } from "../../session";
import { failed } from "../../shell/toast";
import { chosen, dropped, type Dropped } from "../../transfers/drop";
import { useTransfers } from "../../transfers/Transfers";
import classes from "./FirstSteps.module.css";
import { areWanted, keepSkipped, keepStarted } from "./newcomer";
import { makeFolders, type Space } from "./nodes";
import { SYNCING, syncing } from "./syncing";

/** What one does first, for whoever has no files yet: beside everything else, until it is done or not wanted. */
export function FirstSteps({ own }: { own: Space }) {
  const { t } = useLingui();
  const { sub, is_admin } = useSession();
  const transfers = useTransfers();
  const picker = useRef<HTMLInputElement>(null);
  const [isShown, setShown] = useState(() => areWanted(sub, own.used === 0));
  const [isOver, setOver] = useState(false);
  const programs = useQuery({ queryKey: SYNCING, queryFn: ({ signal }) => syncing(signal), enabled: isShown });
  // Begun is begun: with the first file nobody is new any more.
  useEffect(() => {
    if (isShown) keepStarted(sub);
  }, [isShown, sub]);
  if (!isShown) return null;
  const hasFiles = own.used > 0;
  const hasProgram = (programs.data?.length ?? 0) > 0;
  const send = async (found: Dropped) => {
    if (found.folders.length > 0) await makeFolders(found.folders);
    transfers.add(found.files);
  };
  const skip = () => {
    keepSkipped(sub);
    setShown(false);
  };
  return (
    <Card
      component="section"
      className={`k-card ${classes.card ?? ""}`}
      padding="lg"
      mb="lg"
      aria-label={t`First steps`}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void dropped(event.dataTransfer, own.slug).then(send).catch(failed);
      }}
    >
      <Group justify="space-between" mb="md" wrap="nowrap" align="flex-start">
        <Text component="h2" fw={650} size="lg">
          <Trans>First steps</Trans>
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={skip}>
          {hasFiles && hasProgram ? <Trans>Done</Trans> : <Trans>Skip these</Trans>}
        </Button>
      </Group>
      <ol className={classes.steps}>
        <Step isDone={hasFiles} icon={<IconUpload size={20} aria-hidden />} title={<Trans>Put a first file here</Trans>} about={<Trans>Drop it on this card, or choose it.</Trans>}>
          <input ref={picker} type="file" multiple hidden aria-label={t`Choose files`} onChange={(event) => void send(chosen(event.currentTarget.files ?? [], own.slug)).catch(failed)} />
          <Button variant={hasFiles ? "default" : "filled"} onClick={() => picker.current?.click()}>
            <Trans>Choose files</Trans>
          </Button>
        </Step>
        <Step isDone={hasProgram} icon={<IconDeviceLaptop size={20} aria-hidden />} title={<Trans>Have them on your computer</Trans>} about={<Trans>A folder there is kept as it is here.</Trans>}>
          <Button variant="default" renderRoot={(props) => <Link to="/sync" {...props} />}>
            <Trans>Set up sync</Trans>
          </Button>
        </Step>
        <Step isDone={false} icon={<IconUserPlus size={20} aria-hidden />} title={is_admin ? <Trans>Invite somebody</Trans> : <Trans>Share something</Trans>} about={is_admin ? <Trans>They get an address at which they choose their password.</Trans> : <Trans>Choose a file or folder and press Share.</Trans>}>
          {is_admin ? (
            <Button variant="default" renderRoot={(props) => <Link to="/admin/people" {...props} />}>
              <Trans>People</Trans>
            </Button>
          ) : (
            <Button variant="default" renderRoot={(props) => <Link to="/files/$" params={{ _splat: own.slug }} {...props} />}>
              <Trans>Go there</Trans>
            </Button>
          )}
        </Step>
      </ol>
    </Card>
  );
}

function Step({ isDone, icon, title, about, children }: { isDone: boolean; icon: ReactNode; title: ReactNode; about: ReactNode; children: ReactNode }) {
  const { t } = useLingui();
  return (
    <li className={classes.step}>
      <ThemeIcon variant="light" {...(isDone && { color: "teal" })} size={40} radius="xl">
        {isDone ? <IconCheck size={20} aria-label={t`Done`} /> : icon}
      </ThemeIcon>
      <div className={classes.words}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed" mb="xs">{about}</Text>
        {children}
      </div>
    </li>
  );
}
