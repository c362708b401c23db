/** How hard a password is to guess, as far as its form tells: length counts, composition does not. */

/** What the server refuses whatever else is right. */
export const SHORTEST = 8;

export interface Rules {
  readonly isLong: boolean;
  /** Neither the login nor the mail address, nor one sign again and again. */
  readonly isOther: boolean;
}

export function rulesOf(password: string, names: readonly string[]): Rules {
  const folded = password.normalize("NFKC").toLowerCase();
  const isName = names.some((one) => one !== "" && one.normalize("NFKC").toLowerCase() === folded);
  return { isLong: [...password].length >= SHORTEST, isOther: password !== "" && !isName && new Set(folded).size > 1 };
}

/** From 0 to 3: signs that follow each other or come again count for little. */
export function strengthOf(password: string): 0 | 1 | 2 | 3 {
  const signs = [...password.toLowerCase()];
  const steps = signs.filter((sign, at) => at === 0 || Math.abs((sign.codePointAt(0) ?? 0) - (signs[at - 1]?.codePointAt(0) ?? 0)) > 1).length;
  const counted = Math.min(steps, 2 * new Set(signs).size);
  if (counted < SHORTEST) return 0;
  return counted < 12 ? 1 : counted < 17 ? 2 : 3;
}
