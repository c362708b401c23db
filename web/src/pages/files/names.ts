/** What is wrong with a name, before the server is asked. */
export const LONGEST = 255;
/** As the server has it: controls of both kinds, and halves of characters, which no UTF-8 holds. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

export type Wrong = "empty" | "slash" | "control" | "dots" | "long";

export function wrongWith(name: string): Wrong | null {
  if (name.trim() === "") return "empty";
  if (name.includes("/")) return "slash";
  if (UNFIT.test(name)) return "control";
  if (name === "." || name === "..") return "dots";
  if (bytesIn(name) > LONGEST) return "long";
  return null;
}

export function bytesIn(name: string): number {
  return new TextEncoder().encode(name).length;
}

/** The first control character in a name, by its number. */
export function controlIn(name: string): string {
  const found = UNFIT.exec(name)?.[0] ?? "";
  return found === "" ? "" : `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A name beside one that is taken: "a (2).txt". */
export function beside(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 2; ; number += 1) {
    const wanted = `${stem} (${number})${end}`;
    if (!taken.has(wanted.toLowerCase())) return wanted;
  }
}
