import { Menu } from "@mantine/core";
import { type ReactNode, type Ref, type RefObject, useImperativeHandle } from "react";
import classes from "./Hanging.module.css";

interface Props {
  readonly id: string;
  readonly from: RefObject<HTMLElement | null>;
  readonly width: number | undefined;
  readonly staysOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The menu of a button that stands elsewhere in the page. */
export function Hanging({ id, from, width, staysOpen, onClose, children }: Props) {
  return (
    <Menu opened id={id} onClose={onClose} position="bottom-end" returnFocus closeOnItemClick={!staysOpen} {...(width === undefined ? {} : { width })}>
      <Menu.Target>
        <Standing from={from} />
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** Stands for the button, which is where it was all along. */
function Standing({ from, ref }: { from: RefObject<HTMLElement | null>; ref?: Ref<HTMLElement | null> }) {
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => from.current, [from]);
  return null;
}
