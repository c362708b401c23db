import { Menu } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { countBy1024, countsBy1024 } from "../../format";
import type { Sort } from "./nodes";
import type { Column, Look, View } from "./views";

export interface Viewing {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly look: Look;
  readonly onLook: (look: Look) => void;
}

/** As a list or a grid, in which order, how close, with which columns: of this folder, and remembered. */
export function ViewItems({ view, onView, look, onLook }: Viewing) {
  const { t } = useLingui();
  const field = view.sort.replace("-", "");
  const isBack = view.sort.startsWith("-");
  const columns: readonly (readonly [Column, string])[] = [["size", t`Size`], ["changed", t`Changed`]];
  const turn = (column: Column) =>
    onLook({ ...look, hides: look.hides.includes(column) ? look.hides.filter((one) => one !== column) : [...look.hides, column] });
  return (
    <>
      <Menu.RadioGroup value={view.isGrid ? "grid" : "list"} onChange={(value) => onView({ ...view, isGrid: value === "grid" })}>
        <Menu.RadioItem value="list">{t`As a list`}</Menu.RadioItem>
        <Menu.RadioItem value="grid">{t`As a grid`}</Menu.RadioItem>
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Label>{t`Order`}</Menu.Label>
      <Menu.RadioGroup value={field} onChange={(key) => onView({ ...view, sort: (isBack ? `-${key}` : key) as Sort })}>
        <Menu.RadioItem value="name">{t`Name`}</Menu.RadioItem>
        <Menu.RadioItem value="size">{t`Size`}</Menu.RadioItem>
        <Menu.RadioItem value="changed">{t`Changed`}</Menu.RadioItem>
      </Menu.RadioGroup>
      <Menu.CheckboxItem checked={isBack} onChange={() => onView({ ...view, sort: (isBack ? field : `-${field}`) as Sort })}>
        {t`From the end`}
      </Menu.CheckboxItem>
      <Menu.Divider />
      <Menu.CheckboxItem
        checked={countsBy1024()}
        onChange={() => {
          countBy1024(!countsBy1024());
          // What is shown says its sizes anew.
          onLook({ ...look });
        }}
      >
        {t`Sizes by 1024 (KiB, MiB)`}
      </Menu.CheckboxItem>
      {!view.isGrid && (
        <>
          <Menu.Divider />
          <Menu.Label>{t`Columns`}</Menu.Label>
          {columns.map(([key, label]) => (
            <Menu.CheckboxItem key={key} checked={!look.hides.includes(key)} onChange={() => turn(key)}>
              {label}
            </Menu.CheckboxItem>
          ))}
          <Menu.CheckboxItem checked={look.isDense} onChange={() => onLook({ ...look, isDense: !look.isDense })}>
            {t`Rows close together`}
          </Menu.CheckboxItem>
        </>
      )}
    </>
  );
}
