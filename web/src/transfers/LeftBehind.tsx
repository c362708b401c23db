import { Button, FileButton, Group, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { size } from "../format";
import { usePlaces } from "../pages/files/folder";
import { carrier } from "./carrier";
import { type Interrupted, matched } from "./memory";
import type { Kept, TransferQueue } from "./queue";
import classes from "./Transfers.module.css";

const SHOWN = 50;

/** Uploads that ended with their page: chosen again, their files go on where they were. */
export function LeftBehind({ queue, memory }: { queue: TransferQueue; memory: Interrupted }) {
  const { t } = useLingui();
  const [kept, setKept] = useState<readonly Kept[]>([]);
  const [others, setOthers] = useState(0);
  useEffect(() => {
    void memory.find().then(setKept);
  }, [memory]);
  if (kept.length === 0) return null;
  const taken = kept.filter((one) => one.isTaken).length;
  const again = (files: readonly File[]) => {
    const found = matched(kept, files);
    const keys = new Set(found.map((one) => one.kept?.key));
    queue.add(found);
    setKept(kept.filter((one) => !keys.has(one.key)));
    setOthers(files.length - found.length);
  };
  const forget = () => {
    for (const { key, path, upload } of kept) {
      memory.forget(key);
      if (upload !== null) void carrier.abort(path, upload).catch(() => undefined);
    }
    setKept([]);
  };
  return (
    <section className={classes.behind} aria-label={t`Interrupted uploads`}>
      <div role="status">
        {kept.length > taken && (
          <Text fw={600} size="sm">
            <Plural value={kept.length - taken} one="# upload was interrupted" other="# uploads were interrupted" />
          </Text>
        )}
        {taken > 0 && (
          <Text fw={600} size="sm">
            <Plural value={taken} one="# upload waits for you: its name is taken" other="# uploads wait for you: their names are taken" />
          </Text>
        )}
      </div>
      <Text size="sm">
        {kept.length > taken ? (
          <Trans>Choose the files again, and they go on where they were.</Trans>
        ) : (
          <Trans>Choose the files again, and say what is to be done.</Trans>
        )}
      </Text>
      <Paths kept={kept} />
      {others > 0 && (
        <Text size="sm" role="alert">
          <Plural value={others} one="# file is none of these, or was changed." other="# files are none of these, or were changed." />
        </Text>
      )}
      <Group gap="xs">
        <FileButton multiple onChange={again} inputProps={{ id: "again-input", "aria-label": t`Choose the files again` }}>
          {(pick) => (
            <Button size="compact-sm" onClick={pick.onClick}>
              <Trans>Choose the files again</Trans>
            </Button>
          )}
        </FileButton>
        <Button size="compact-sm" variant="default" onClick={forget}>
          <Trans>Give them up</Trans>
        </Button>
      </Group>
    </section>
  );
}

function Paths({ kept }: { kept: readonly Kept[] }) {
  const { t } = useLingui();
  const placeOf = usePlaces();
  return (
    <ul>
      {kept.slice(0, SHOWN).map((one) => (
        <li key={one.key}>
          <bdi>{placeOf(one.path)}</bdi> · {size(one.size)}
          {one.isTaken && <> · {t`The name is taken`}</>}
        </li>
      ))}
    </ul>
  );
}
