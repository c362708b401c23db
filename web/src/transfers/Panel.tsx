import { ActionIcon, Button, Checkbox, Group, Modal, Progress, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconChevronDown, IconChevronUp, IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { moment, size } from "../format";
import { atFoot } from "../shell/foot";
import { freeIn } from "../pages/files/limits";
import { useSpaces } from "../pages/files/folder";
import { beside } from "../pages/files/names";
import { parentOf, stat } from "../pages/files/nodes";
import { LeftBehind } from "./LeftBehind";
import type { Interrupted } from "./memory";
import type { Answer, Transfer, TransferQueue } from "./queue";
import classes from "./Transfers.module.css";

const SHOWN = 200;

/** All transfers with their states, and what was left behind. */
export function Panel({ queue, memory }: { queue: TransferQueue; memory: Interrupted }) {
  const { t } = useLingui();
  const transfers = useSyncExternalStore(queue.subscribe, queue.snapshot);
  const [isOpen, open] = useDisclosure(true);
  const speed = useSpeed(transfers);
  const leftBehind = <LeftBehind queue={queue} memory={memory} />;
  if (transfers.length === 0) return <div ref={atFoot} className={classes.alone}>{leftBehind}</div>;
  const total = transfers.reduce((sum, one) => sum + one.size, 0);
  const sent = transfers.reduce((sum, one) => sum + one.sent, 0);
  const left = transfers.filter((one) => one.state !== "done").length;
  const failed = transfers.filter((one) => one.state === "failed").length;
  const conflict = transfers.find((one) => one.state === "conflict");
  return (
    <section ref={atFoot} className={classes.panel} aria-label={t`Transfers`}>
      {leftBehind}
      <Group justify="space-between" wrap="nowrap" className={classes.head}>
        <div role="status">
          <Text fw={600} size="sm">
            {left > 0 ? (
              <Plural value={left} one="# file left" other="# files left" />
            ) : (
              <Plural value={transfers.length} one="# file uploaded" other="# files uploaded" />
            )}
          </Text>
          <Text size="xs" c="dimmed">
            {size(sent)} / {size(total)}
            {left > 0 && speed > 0 && (
              <>
                {" · "}
                {size(speed)}/s{" · "}
                <Remaining seconds={(total - sent) / speed} />
              </>
            )}
          </Text>
        </div>
        <Group gap={4} wrap="nowrap">
          {failed > 0 && (
            <Button
              size="compact-xs"
              variant="light"
              onClick={() => transfers.filter((one) => one.state === "failed").forEach((one) => queue.resume(one.id))}
            >
              <Trans>Try all again</Trans>
            </Button>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={open.toggle}
            aria-expanded={isOpen}
            aria-label={isOpen ? t`Show less` : t`Show all`}
          >
            {isOpen ? <IconChevronDown size={18} /> : <IconChevronUp size={18} />}
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t`Close`}
            disabled={left > 0}
            onClick={() => queue.clear()}
          >
            <IconX size={18} />
          </ActionIcon>
        </Group>
      </Group>
      <Progress value={total === 0 ? 100 : (100 * sent) / total} size="xs" radius={0} aria-label={t`All transfers`} />
      {isOpen && (
        <ul className={classes.list}>
          {[...transfers].sort(byState).slice(0, SHOWN).map((one) => (
            <Row key={one.id} one={one} queue={queue} />
          ))}
        </ul>
      )}
      {conflict !== undefined && <Conflict key={conflict.id} one={conflict} queue={queue} />}
    </section>
  );
}

const ORDER = ["failed", "conflict", "uploading", "finishing", "paused", "queued", "done"];
function byState(one: Transfer, other: Transfer): number {
  return ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || one.id - other.id;
}

function Remaining({ seconds }: { seconds: number }) {
  const minutes = Math.ceil(seconds / 60);
  const whole = Math.ceil(seconds);
  return minutes > 1 ? (
    <Plural value={minutes} one="# minute left" other="# minutes left" />
  ) : (
    <Plural value={whole} one="# second left" other="# seconds left" />
  );
}

const KEPT_MS = 5000;

/** Bytes a second over the last seconds. */
function useSpeed(transfers: readonly Transfer[]): number {
  const samples = useRef<{ at: number; sent: number }[]>([]);
  const sent = transfers.reduce((sum, one) => sum + one.sent, 0);
  const [speed, setSpeed] = useState(0);
  useEffect(() => {
    const at = performance.now();
    samples.current = [...samples.current.filter((one) => at - one.at < KEPT_MS), { at, sent }];
    const first = samples.current[0];
    if (first === undefined || at - first.at < 300) return;
    setSpeed(Math.max(0, ((sent - first.sent) * 1000) / (at - first.at)));
  }, [sent]);
  return speed;
}

/** Why the server did not take it: with numbers where they say what would be taken. */
function useRefused(one: Transfer): string {
  const { t } = useLingui();
  const slug = one.path.split("/")[0];
  const space = useSpaces().data?.find((other) => other.slug === slug);
  if (space === undefined) return one.error;
  const { label, largest_file } = space;
  const words: Record<string, string> = {
    QuotaExceeded: t`There is no room for it: ${size(freeIn(space, []))} are free in “${label}”.`,
    EntityTooLarge: t`It is larger than is taken here: a file may have ${size(largest_file)}, or what a proxy in between lets through.`,
    InsufficientStorage: t`The server's disk is full. Nothing of yours is lost; try again later.`,
  };
  return words[one.code] ?? one.error;
}

function Row({ one, queue }: { one: Transfer; queue: TransferQueue }) {
  const { t } = useLingui();
  const { name } = one;
  const refused = useRefused(one);
  const states = {
    queued: t`Waiting`,
    uploading: size(one.sent),
    finishing: t`Finishing…`,
    done: t`Uploaded`,
    failed: refused,
    paused: t`Paused`,
    conflict: t`The name is taken`,
  };
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <Text size="sm" truncate title={one.path}>
          <bdi>{name}</bdi>
        </Text>
        <Text size="xs" c={one.state === "failed" ? "red" : "dimmed"} truncate={one.state !== "failed"}>
          {states[one.state]} · {size(one.size)}
        </Text>
        {["uploading", "paused"].includes(one.state) && (
          <Progress value={(100 * one.sent) / Math.max(1, one.size)} size={3} aria-label={name} />
        )}
      </div>
      {["queued", "uploading"].includes(one.state) && (
        <ActionIcon variant="subtle" color="gray" onClick={() => queue.pause(one.id)} aria-label={t`Pause ${name}`}>
          <IconPlayerPause size={16} />
        </ActionIcon>
      )}
      {["paused", "failed"].includes(one.state) && (
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => queue.resume(one.id)}
          aria-label={one.state === "failed" ? t`Try ${name} again` : t`Go on with ${name}`}
        >
          {one.state === "failed" ? <IconRefresh size={16} /> : <IconPlayerPlay size={16} />}
        </ActionIcon>
      )}
      {one.state !== "done" && (
        <ActionIcon variant="subtle" color="gray" onClick={() => queue.cancel(one.id)} aria-label={t`Cancel ${name}`}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </li>
  );
}

function Conflict({ one, queue }: { one: Transfer; queue: TransferQueue }) {
  const { t } = useLingui();
  const [forAll, setForAll] = useState(false);
  const answer = (said: Answer) => queue.answer(one.id, said, forAll, beside);
  const { name } = one;
  const there = useQuery({ queryKey: ["list", parentOf(one.path), "taken", name], queryFn: () => stat(one.path), retry: false }).data;
  return (
    <Modal opened onClose={() => answer("skip")} title={t`The name is taken`} size="lg">
      <Stack>
        <Text>
          <Trans>
            There is already something called <b>{name}</b> here. What is replaced stays among its versions.
          </Trans>
        </Text>
        <Text size="sm" c="dimmed">
          <Trans>The new file has {size(one.size)}.</Trans>{" "}
          {there !== undefined && !there.isFolder && (
            <Trans>
              The one that is there has {size(there.size)} and was changed {moment(there.changedAt)}.
            </Trans>
          )}
        </Text>
        <Checkbox
          checked={forAll}
          onChange={(event) => setForAll(event.currentTarget.checked)}
          label={t`The same for all others`}
        />
        <div className={classes.ways}>
          <Button variant="default" onClick={() => answer("skip")}>
            <Trans>Skip</Trans>
          </Button>
          <Button variant="default" onClick={() => answer("replace")}>
            <Trans>Replace as a new version</Trans>
          </Button>
          <Button onClick={() => answer("keep both")} data-autofocus>
            <Trans>Keep both</Trans>
          </Button>
        </div>
      </Stack>
    </Modal>
  );
}
