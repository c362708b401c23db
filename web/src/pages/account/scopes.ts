/** What tokens and applications may do with files, in words. */
import { useLingui } from "@lingui/react/macro";
import { useSpaces } from "../files/folder";

/** Says what a scope of a token lets be done; spaces are called by their names. */
export function useMay(): (scope: string) => string {
  const { t } = useLingui();
  const spaces = useSpaces().data;
  const whole: Readonly<Record<string, string>> = {
    "files.read": t`read files`, "files.write": t`change files`, account: t`read and change all files`, admin: t`administer`,
  };
  return (scope) => {
    const [kind, slug = "", rights] = scope.split(":");
    const place = spaces?.find((space) => space.slug === slug)?.label ?? slug;
    if (kind === "space") return rights === "r" ? t`read files in ${place}` : t`read and change files in ${place}`;
    if (kind === "node") return rights === "r" ? t`read one file or folder` : t`read and change one file or folder`;
    return whole[scope] ?? scope;
  };
}

/** What a token is made for: all files or those of some spaces, to be read or changed too. */
export function scopesOf(spaces: readonly string[], isWriting: boolean): readonly string[] {
  if (spaces.length > 0) return spaces.map((slug) => `space:${slug}:${isWriting ? "rw" : "r"}`);
  return isWriting ? ["files.read", "files.write"] : ["files.read"];
}
