/** Finding by words, as people type them: in any order, each the beginning of one that stands there. */

export interface Named {
  readonly name: string;
  readonly about?: string;
  /** Found by it too, though it is not shown. */
  readonly also?: string;
}

export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Those in which each word of a text begins one of theirs; whose name begins so come first. */
export function among<T extends Named>(all: readonly T[], text: string): T[] {
  const wanted = folded(text).split(/\s+/).filter(Boolean);
  const [first = ""] = wanted;
  const found = all.filter(({ name, about = "", also = "" }) => {
    const words = folded(`${name} ${about} ${also}`).split(/[^\p{L}\p{N}]+/u);
    return wanted.every((one) => words.some((word) => word.startsWith(one)) || folded(name).includes(one));
  });
  const isFirst = ({ name }: T) => folded(name).startsWith(first);
  return [...found.filter(isFirst), ...found.filter((one) => !isFirst(one))];
}
