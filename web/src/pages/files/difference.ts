/** What two texts differ by, line by line. */

export interface Line {
  readonly text: string;
  /** Whose it is: both have it, or only one. */
  readonly of: "both" | "mine" | "theirs";
}

/** Beyond so many lines that differ, the table would be too large to be worth it. */
const MOST_LINES = 2000;

/** By the longest common subsequence, after what begins and ends alike; null where too much differs. */
export function difference(mine: string, theirs: string): readonly Line[] | null {
  const [a, b] = [mine.split("\n"), theirs.split("\n")];
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length > MOST_LINES || right.length > MOST_LINES) return null;
  const both = (text: string): Line => ({ text, of: "both" });
  return [...a.slice(0, start).map(both), ...middle(left, right), ...a.slice(a.length - end).map(both)];
}

function middle(left: readonly string[], right: readonly string[]): Line[] {
  const wide = right.length + 1;
  const longest = new Uint16Array((left.length + 1) * wide);
  const at = (row: number, column: number) => longest[row * wide + column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1)
    for (let column = right.length - 1; column >= 0; column -= 1)
      longest[row * wide + column] =
        left[row] === right[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) {
      lines.push({ text: left[row] ?? "", of: "both" });
      row += 1;
      column += 1;
    } else if (column >= right.length || (row < left.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ text: left[row] ?? "", of: "mine" });
      row += 1;
    } else {
      lines.push({ text: right[column] ?? "", of: "theirs" });
      column += 1;
    }
  }
  return lines;
}
