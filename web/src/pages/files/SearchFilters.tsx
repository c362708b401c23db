import { Button, NativeSelect } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import classes from "./SearchFilters.module.css";
import { size } from "../../format";
import { useSession } from "../../session";
import { useSpaces } from "./folder";
import { tags } from "./sayings";
import { type Asked, isFiltered } from "./sought";

interface Props {
  readonly asked: Asked;
  readonly onAsk: (asked: Asked) => void;
}

interface Filter {
  readonly name: "within" | "kind" | "days" | "size" | "space" | "by" | "tag";
  readonly label: string;
  readonly all: string;
  readonly choices: readonly (readonly [string, string])[];
}

/** What must be true of what is found, besides its name. */
export function SearchFilters({ asked, onAsk }: Props) {
  const { t } = useLingui();
  const spaces = useSpaces();
  const known = useQuery({ queryKey: ["tags"], queryFn: tags });
  const { login } = useSession();
  const filters: readonly Filter[] = ([
    {
      name: "within",
      label: t`Look in`,
      all: t`Names`,
      choices: [["text", t`Text of small files`]],
    },
    {
      name: "kind",
      label: t`Kind`,
      all: t`All kinds`,
      choices: [
        ["folder", t`Folders`],
        ["image/", t`Pictures`],
        ["video/", t`Videos`],
        ["audio/", t`Sound`],
        ["text/", t`Text`],
        ["application/pdf", "PDF"],
      ],
    },
    {
      name: "days",
      label: t`Changed`,
      all: t`Any time`,
      choices: [
        ["1", t`Within a day`],
        ["7", t`Within a week`],
        ["30", t`Within 30 days`],
        ["365", t`Within a year`],
      ],
    },
    {
      name: "size",
      label: t`Size`,
      all: t`Any size`,
      choices: [
        ["small", t`Up to ${size(1e6)}`],
        ["medium", t`${size(1e6)} to ${size(1e8)}`],
        ["large", t`${size(1e8)} and more`],
      ],
    },
    {
      name: "space",
      label: t`Space`,
      all: t`All spaces`,
      choices: (spaces.data ?? []).map((space) => [space.slug, space.label]),
    },
    {
      name: "by",
      label: t`Made by`,
      all: t`Anybody`,
      choices: [[login, t`Me`], ...(asked.by === undefined || asked.by === login ? [] : [[asked.by, asked.by] as const])],
    },
    {
      name: "tag",
      label: t`Tag`,
      all: t`Any tag`,
      // One that came by an address is shown though nothing has it any more.
      choices: [...new Set([...(known.data ?? []), ...(asked.tag === undefined ? [] : [asked.tag])])].map((one) => [one, one]),
    },
  ] satisfies Filter[]).filter((one) => one.name !== "tag" || one.choices.length > 0);
  return (
    <div role="group" aria-label={t`Filters`} className={classes.filters}>
      {filters.map(({ name, label, all, choices }) => (
        <NativeSelect
          key={name}
          size="xs"
          aria-label={label}
          value={asked[name] ?? ""}
          onChange={(event) => onAsk({ ...asked, [name]: event.currentTarget.value || undefined })}
          data={[{ value: "", label: all }, ...choices.map(([value, shown]) => ({ value, label: shown }))]}
        />
      ))}
      {isFiltered(asked) && (
        <Button size="xs" variant="subtle" onClick={() => onAsk({ q: asked.q })}>
          <Trans>Clear filters</Trans>
        </Button>
      )}
    </div>
  );
}
