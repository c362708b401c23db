import { type ButtonHTMLAttributes, lazy, type ReactNode, Suspense, useId, useRef, useState } from "react";
import { later } from "../later";

const load = later(() => import("./Hanging"));
const Hanging = lazy(() => load().then((found) => ({ default: found.Hanging })));

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Of lazy parts: shown once they are there. */
  readonly menu: ReactNode;
  readonly width?: number;
  /** What is chosen in it leaves it open. */
  readonly staysOpen?: boolean;
}

/** A button that is there with the page, and a menu that is fetched when somebody comes near it. */
export function MenuButton({ menu, width, staysOpen = false, children, ...button }: Props) {
  const id = useId();
  const ref = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    // Where the keyboard was before; what a click or a dialog takes next is taken after this.
    ref.current?.focus({ preventScroll: true });
  };
  const near = () => void load().catch(() => undefined);
  return (
    <>
      <button
        ref={ref}
        type="button"
        id={`${id}-target`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        onPointerEnter={near}
        onFocus={near}
        {...button}
      >
        {children}
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <Hanging id={id} from={ref} width={width} staysOpen={staysOpen} onClose={close}>
            {menu}
          </Hanging>
        </Suspense>
      )}
    </>
  );
}
