import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconRestore, IconSearch, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, said } from "../../api";
import { count } from "../../format";
import { ActionMenu } from "./Actions";
import bar from "./Bar.module.css";
import { type Choice, RestoreDialog } from "./RestoreDialog";
import classes from "./FilesPage.module.css";
import { useFolder, useSpaces } from "./folder";
import { NodeList } from "./NodeList";
import { BIN, BY_NAME, destroy, listAll, type Node, restore, taken, trash } from "./nodes";
import { useReach } from "./reaching";
import { NOTHING, type Selection } from "./selection";
import { done, failed } from "../../shell/toast";

/** What was deleted, space by space: to be brought back, or gone for good. */
export function TrashPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Trash`} · Keycell`);
  const queries = useQueryClient();
  const spaces = useSpaces().data?.filter((space) => space.permissions.includes("w")) ?? [];
  const [picked, setSlug] = useState<string | null>(null);
  const slug = picked ?? spaces[0]?.slug ?? "personal-files";
  const path = `${slug}/${BIN}`;
  const [filter, setFilter] = useState("");
  const folder = useFolder(path, "name", filter, false);
  const [there, setThere] = useState<readonly Node[]>([]);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const days = spaces.find((space) => space.slug === slug)?.trash_days ?? 0;
  // A space in which nothing was ever deleted has none yet.
  const isNone = folder.error instanceof ApiError && folder.error.status === 404;
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [isAsking, setAsking] = useState<"chosen" | "all" | null>(null);
  const isReaching = useReach(folder, selection, setSelection);
  const chosen = folder.loaded.filter((node) => selection.chosen.has(node.id));
  const settle = async () => {
    setSelection(NOTHING);
    setAsking(null);
    setThere([]);
    await queries.invalidateQueries({ queryKey: ["list"] });
    await queries.invalidateQueries({ queryKey: ["spaces"] });
  };
  const back = useMutation({
    mutationFn: (nodes: readonly Node[]) => restore(nodes),
    onSuccess: async (_, nodes) => {
      await settle();
      done(<Plural value={nodes.length} one="Brought back" other="# brought back" />);
    },
    onError: failed,
  });
  const ask = useMutation({
    mutationFn: () => taken([...new Set(chosen.map((node) => node.origin))]),
    onSuccess: (found) => (found.length > 0 ? setThere(found) : back.mutate(chosen)),
    onError: failed,
  });
  const settleBy = async (choice: Choice) => {
    setThere([]);
    const places = new Set(there.map((node) => node.path));
    if (choice === "replace") await trash(there);
    const meant = choice === "skip" ? chosen.filter((node) => !places.has(node.origin)) : chosen;
    if (meant.length > 0) back.mutate(meant);
  };
  const end = useMutation({
    mutationFn: async () => destroy(isAsking === "all" ? await listAll(path, BY_NAME) : chosen),
    onSuccess: settle,
    onError: failed,
  });
  return (
    <div className={classes.page}>
      <div className={bar.bar}>
        <h1 className={bar.here}>
          <Trans>Trash</Trans>
        </h1>
        <Group gap="xs" className={bar.many}>
          <TextInput
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            placeholder={t`Search the trash`}
            aria-label={t`Search the trash`}
            leftSection={<IconSearch size={16} aria-hidden />}
          />
          {spaces.length > 1 && (
            <Select
              aria-label={t`Space`}
              allowDeselect={false}
              value={slug}
              onChange={setSlug}
              data={spaces.map((space) => ({ value: space.slug, label: space.label }))}
            />
          )}
          <Button
            leftSection={<IconRestore size={18} aria-hidden />}
            disabled={chosen.length === 0}
            loading={back.isPending || ask.isPending}
            onClick={() => ask.mutate()}
          >
            <Trans>Restore</Trans>
          </Button>
          <Button
            variant="default"
            leftSection={<IconTrash size={18} aria-hidden />}
            disabled={folder.total === 0 || isNone || isReaching || (filter !== "" && chosen.length === 0)}
            onClick={() => setAsking(chosen.length > 0 ? "chosen" : "all")}
          >
            {chosen.length > 0 ? <Trans>Delete for good</Trans> : <Trans>Empty the trash</Trans>}
          </Button>
        </Group>
      </div>
      <div className={classes.count} role="status">
        {!folder.isPending && <Plural value={folder.total} one="# item" other={`${count(folder.total)} items`} />}
        {isReaching && (
          <>
            {" · "}
            <Trans>Choosing…</Trans>
          </>
        )}
      </div>
      {folder.error !== null && !isNone && (
        <Alert color="red" m="md">
          {said(folder.error)}
        </Alert>
      )}
      {isNone || (!folder.isPending && folder.total === 0) ? (
        <div className={classes.empty}>
          <IconTrash size={56} stroke={1.2} aria-hidden />
          {filter === "" ? (
            <>
              <Text fw={600}>
                <Trans>The trash is empty</Trans>
              </Text>
              <Text size="sm">
                <Trans>What is deleted stays here for a while and can be brought back.</Trans>
              </Text>
            </>
          ) : (
            <Text>
              <Trans>Nothing here has this in its name.</Trans>
            </Text>
          )}
        </div>
      ) : (
        <NodeList
          key={path}
          folder={folder}
          label={t`Trash`}
          sort="name"
          selection={selection}
          onSelect={setSelection}
          showsPlace
          keptDays={days}
          deeds={{
            open: () => undefined,
            menu: (_node, at) => setMenu(at),
            key: (event) => {
              if (event.key === "Delete" && chosen.length > 0) setAsking("chosen");
            },
          }}
        />
      )}
      <ActionMenu
        at={menu}
        onClose={() => setMenu(null)}
        actions={[
          { label: t`Restore`, icon: IconRestore, run: () => ask.mutate() },
          { label: t`Delete for good`, icon: IconTrash, run: () => setAsking("chosen") },
        ]}
      />
      {there.length > 0 && (
        <RestoreDialog there={there} onClose={() => setThere([])} onChoose={(choice) => void settleBy(choice).catch(failed)} />
      )}
      <Modal opened={isAsking !== null} onClose={() => setAsking(null)} title={t`Delete for good?`}>
        <Stack>
          <Text>
            {isAsking === "all" ? (
              <Trans>Everything in this trash will be gone, with all its versions.</Trans>
            ) : (
              <Plural value={chosen.length} one="It will be gone, with all its versions." other="# items will be gone, with all their versions." />
            )}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(null)} data-autofocus>
              <Trans>Cancel</Trans>
            </Button>
            <Button color="red.9" loading={end.isPending} onClick={() => end.mutate()}>
              <Trans>Delete for good</Trans>
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  );
}
