/** A finger that stays: it chooses, and what the browser takes for a click after it opens nothing. */
import { type PointerEvent, useRef } from "react";

const LONG_MS = 500;
const STILL = 10;

interface Held {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  /** Tells, once, that what comes now is the end of a long press. */
  readonly wasLong: () => boolean;
}

export function useHolding(onLong: () => void): Held {
  const timer = useRef(0);
  const start = useRef({ x: 0, y: 0 });
  const isLong = useRef(false);
  const stop = () => window.clearTimeout(timer.current);
  return {
    onPointerDown: (event) => {
      isLong.current = false;
      if (event.pointerType !== "touch") return;
      start.current = { x: event.clientX, y: event.clientY };
      timer.current = window.setTimeout(() => {
        isLong.current = true;
        onLong();
      }, LONG_MS);
    },
    onPointerMove: (event) => {
      const { x, y } = start.current;
      if (Math.hypot(event.clientX - x, event.clientY - y) > STILL) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    wasLong: () => {
      const was = isLong.current;
      isLong.current = false;
      return was;
    },
  };
}
