import { TextInput } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { said } from "../../api";
import { wrongWith } from "./names";
import classes from "./NodeList.module.css";
import type { Node } from "./nodes";
import { useRenaming, useWrong } from "./renaming";

const MENU_MS = 500;

export interface Renaming {
  readonly node: Node;
  readonly onChanged: () => Promise<void>;
  readonly onEnd: () => void;
}

/** A name, changed where it stands: Enter keeps it, Escape leaves it as it was. */
export function RenameField({ node, onChanged, onEnd }: Renaming) {
  const { t } = useLingui();
  const [name, setName] = useState(node.name);
  const [began] = useState(() => Date.now());
  const [tried, setTried] = useState(false);
  const back = () => {
    onEnd();
    document.querySelector<HTMLElement>("[role=grid]")?.focus();
  };
  const save = useRenaming(onChanged, back);
  const words = useWrong(name, tried);
  const wrong = wrongWith(name);
  const keep = () => {
    setTried(true);
    if (name === node.name) back();
    else if (wrong === null && !save.isPending) save.mutate({ node, name });
  };
  const error = save.error !== null ? said(save.error) : words;
  return (
    <div className={classes.renaming} onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
      <TextInput
        size="xs"
        autoFocus
        aria-label={t`Name`}
        value={name}
        error={error}
        disabled={save.isPending}
        onChange={(event) => {
          save.reset();
          setName(event.currentTarget.value);
        }}
        onFocus={(event) => {
          const dot = node.isFolder ? -1 : name.lastIndexOf(".");
          event.currentTarget.setSelectionRange(0, dot > 0 ? dot : name.length);
        }}
        onBlur={({ currentTarget }) => {
          // The menu that it was chosen from gives the focus back while it closes.
          if (Date.now() - began < MENU_MS) setTimeout(() => currentTarget.focus());
          else if (name === node.name) onEnd();
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter") keep();
          if (event.key === "Escape") back();
        }}
      />
    </div>
  );
}
