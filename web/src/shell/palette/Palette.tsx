import { Kbd, Loader, Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { said } from "../../api";
import { useSession } from "../../session";
import { To } from "../To";
import { type Item, type Kind, useFound } from "./found";
import classes from "./Palette.module.css";

const WAITED = 120;

/** Goes anywhere by a few letters: one field, below it what they find, chosen by the arrow keys. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const id = useId();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), WAITED);
  const session = useSession();
  const { kinds, isWaiting, error } = useFound(asked, session);
  const items = kinds.flatMap((kind) => kind.items);
  const [at, setAt] = useState(0);
  const chosen = Math.min(at, items.length - 1);
  const idOf = (index: number) => `${id}-${index}`;
  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [id, chosen]);
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: chosen + 1, ArrowUp: chosen - 1 + items.length, PageDown: Math.min(chosen + 5, items.length - 1), PageUp: Math.max(chosen - 5, 0) };
    const next = steps[event.key];
    if (next !== undefined && items.length > 0) setAt(next % items.length);
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) go(document.getElementById(idOf(chosen)), event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  return (
    <Modal.Root opened onClose={onClose} size="lg" yOffset="9dvh">
      <Modal.Overlay backgroundOpacity={0.35} blur={2} />
      <Modal.Content aria-label={t`Go anywhere`}>
        <Modal.Body className={classes.body}>
          <div className={classes.ask}>
            <IconSearch size={20} aria-hidden />
            <input data-autofocus role="combobox" aria-expanded={items.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" autoComplete="off" spellCheck={false}
              aria-activedescendant={chosen >= 0 ? idOf(chosen) : undefined} aria-label={t`Go anywhere`} placeholder={session.is_admin ? t`People, files, applications, settings, pages…` : t`Files and pages…`}
              value={text} onKeyDown={onKey} onChange={(event) => { setText(event.currentTarget.value); setAt(0); }} />
            {isWaiting && <Loader size={16} aria-hidden />}
          </div>
          <Found id={`${id}-list`} kinds={kinds} chosen={chosen} idOf={idOf} onPoint={setAt} onClose={onClose} />
          {items.length === 0 && !isWaiting && asked === text.trim() && <div className={classes.none}>{error ? said(error) : <Trans>Nothing is called so.</Trans>}</div>}
          <span className="k-hidden" role="status">{isWaiting ? "" : t`${plural(items.length, { one: "# found", other: "# found" })}`}</span>
          <div className={classes.foot} aria-hidden>
            <span><Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> <Trans>choose</Trans></span>
            <span><Kbd size="xs">↵</Kbd> <Trans>open</Trans></span>
            <span><Kbd size="xs">Esc</Kbd> <Trans>close</Trans></span>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** What a link would do, in this page or in another one. */
function go(link: HTMLElement | null, inAnother: boolean): void {
  if (inAnother && link instanceof HTMLAnchorElement) window.open(link.href, "_blank", "noopener");
  else link?.click();
}

function Found({ id, kinds, chosen, idOf, onPoint, onClose }: {
  id: string; kinds: readonly Kind[]; chosen: number; idOf: (index: number) => string; onPoint: (index: number) => void; onClose: () => void;
}) {
  const { t } = useLingui();
  const firsts = kinds.map((_, index) => kinds.slice(0, index).reduce((sum, kind) => sum + kind.items.length, 0));
  return (
    <div id={id} role="listbox" aria-label={t`What is found`} className={classes.list}>
      {kinds.map((kind, place) => (
        <div key={kind.name} role="group" aria-label={kind.name}>
          <div className={classes.kind} aria-hidden>{kind.name}</div>
          {kind.items.map((item, index) => {
            const number = (firsts[place] ?? 0) + index;
            return <Option key={item.key} item={item} id={idOf(number)} isChosen={chosen === number} onPoint={() => onPoint(number)} onClose={onClose} />;
          })}
        </div>
      ))}
    </div>
  );
}

function Option({ item, id, isChosen, onPoint, onClose }: { item: Item; id: string; isChosen: boolean; onPoint: () => void; onClose: () => void }) {
  const given = {
    id, role: "option", tabIndex: -1, "aria-selected": isChosen, className: classes.one ?? "",
    // Pressing it must not take the keyboard away from the field.
    onPointerMove: onPoint, onMouseDown: (event: { preventDefault: () => void }) => event.preventDefault(), onClick: onClose,
  };
  const shown = (
    <>
      <item.icon size={18} stroke={1.7} aria-hidden />
      <span className={classes.words}>
        <bdi className={classes.name}>{item.name}</bdi>
        {item.about && <bdi className={classes.about}>{item.about}</bdi>}
      </span>
    </>
  );
  if (item.isOutside) return <a href={item.to} {...given}>{shown}</a>;
  if (item.file) return <Link to="/files/$" params={{ _splat: item.file.path }} search={{ item: item.file.item }} {...given}>{shown}</Link>;
  return <To to={item.to} {...(item.search && { search: item.search })} {...given}>{shown}</To>;
}
