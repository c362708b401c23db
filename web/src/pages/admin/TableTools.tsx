/** What a long list can be made to show: which columns, a view that was kept, and all of it as a file. */
import { Button, Group, Menu, Modal, Stack, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconBookmark, IconColumns3, IconDownload, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ask } from "../../api";
import { useDoing } from "../../shell/doing";
import { save } from "../../shell/save";
import type { Asked } from "./asked";
import { type Column, keep, kept, type View } from "./tableViews";

export interface Table<C extends string> {
  /** What the list is called where this browser keeps its views. */
  readonly name: string;
  readonly columns: readonly Column<C>[];
  readonly shown: readonly C[];
  readonly show: (columns: readonly C[]) => void;
  readonly asked: Asked;
  readonly change: (asked: Partial<Asked>) => void;
  /** Where the whole list is had as a file. */
  readonly file: string;
}

export function TableTools<C extends string>(table: Table<C>) {
  return <Group gap="xs"><Columns {...table} /><Views {...table} /><Files {...table} /></Group>;
}

function Columns<C extends string>({ columns, shown, show }: Table<C>) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target><Button size="xs" variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}><Trans>Columns</Trans></Button></Menu.Target>
      <Menu.Dropdown>
        {columns.map((one) => {
          const isShown = shown.includes(one.id);
          return (
            <Menu.CheckboxItem key={one.id} checked={isShown}
              onChange={() => show(columns.map((other) => other.id).filter((id) => (id === one.id ? !isShown : shown.includes(id))))}>
              {one.label}
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function Views<C extends string>({ name, asked, change, shown, show }: Table<C>) {
  const { t } = useLingui();
  const [views, setViews] = useState<readonly View<C>[]>(() => kept(name));
  const [isNaming, setNaming] = useState(false);
  const [called, setCalled] = useState("");
  const hold = (next: readonly View<C>[]) => { keep(name, next); setViews(next); };
  const add = () => {
    hold([...views.filter((one) => one.name !== called.trim()), { name: called.trim(), asked, columns: shown }]);
    setNaming(false);
    setCalled("");
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target><Button size="xs" variant="default" leftSection={<IconBookmark size={16} aria-hidden />}><Trans>Views</Trans></Button></Menu.Target>
        <Menu.Dropdown>
          {views.map((one) => (
            <Menu.Item key={one.name} onClick={() => { change(one.asked); show(one.columns); }}><bdi>{one.name}</bdi></Menu.Item>
          ))}
          {views.length > 0 && <Menu.Divider />}
          <Menu.Item onClick={() => setNaming(true)}><Trans>Keep this view…</Trans></Menu.Item>
          {views.map((one) => (
            <Menu.Item key={`- ${one.name}`} color="red" leftSection={<IconTrash size={14} aria-hidden />} onClick={() => hold(views.filter((other) => other !== one))}>{t`Forget ${one.name}`}</Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={isNaming} onClose={() => setNaming(false)} title={t`Keep this view`} closeButtonProps={{ "aria-label": t`Close` }}>
        <form onSubmit={(event) => { event.preventDefault(); if (called.trim()) add(); }}>
          <Stack>
            <TextInput label={t`Name`} description={t`What is searched, filtered, ordered and shown is kept in this browser. To hand a view on, send the address of the page.`} required maxLength={60} data-autofocus value={called} onChange={(event) => setCalled(event.currentTarget.value)} />
            <Group justify="flex-end"><Button type="submit"><Trans>Keep</Trans></Button></Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Files<C extends string>({ name, asked, file }: Table<C>) {
  const { t } = useLingui();
  const take = useDoing(async (format: "csv" | "jsonl") => {
    const { search, state, group, role, sort, backwards } = asked;
    const query = new URLSearchParams({ search, state, ...(group && { group }), ...(role && { role }), is_backwards: String(backwards), format, ...(sort && { sort }) });
    save(await (await ask("GET", `/web${file}?${query}`)).blob(), `${name}.${format}`);
  }, []);
  return (
    <Menu position="bottom-end">
      <Menu.Target><Button size="xs" variant="default" loading={take.isPending} leftSection={<IconDownload size={16} aria-hidden />}><Trans>Export</Trans></Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => take.mutate("csv")}>{t`For a spreadsheet (CSV)`}</Menu.Item>
        <Menu.Item onClick={() => take.mutate("jsonl")}>{t`For programs (JSON lines)`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
