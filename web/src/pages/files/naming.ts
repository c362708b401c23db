/** Naming people in a comment, by an @ and their login, as the server reads it. */

const NAMED = /(?<![\p{L}\p{N}_.@+-])(@[\p{L}\p{N}_.@+-]*[\p{L}\p{N}_+])/u;

/** A comment in parts, each second of which names somebody. */
export function parted(text: string): readonly string[] {
  return text.split(NAMED);
}

/** What was typed after an @ that the caret is behind; null where none is begun. */
export function namingAt(text: string, caret: number): string | null {
  return /(?:^|[\s(])@([\p{L}\p{N}_.+-]*)$/u.exec(text.slice(0, caret))?.[1] ?? null;
}

/** The text with the login of whom one means in the place of what was typed of them. */
export function named(text: string, caret: number, login: string): { readonly text: string; readonly caret: number } {
  const before = `${text.slice(0, caret - (namingAt(text, caret)?.length ?? 0))}${login} `;
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}
