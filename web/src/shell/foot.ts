/** What stands at the foot of a narrow window: what is told there stands above it. */

const feet = new Set<Element>();

function measure(): void {
  const tops = [...feet].map((one) => one.getBoundingClientRect()).filter((box) => box.height > 0).map((box) => box.top);
  document.documentElement.style.setProperty("--k-foot", `${Math.max(0, window.innerHeight - Math.min(window.innerHeight, ...tops))}px`);
}

/** A ref for what stands there. */
export function atFoot(element: Element | null): (() => void) | undefined {
  if (element === null) return undefined;
  const seen = new ResizeObserver(measure);
  feet.add(element);
  seen.observe(element);
  return () => {
    feet.delete(element);
    seen.disconnect();
    measure();
  };
}
