import { Autocomplete, Button, Group, Select, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import type { May } from "../rights";
import { suggested, type Who } from "../sharing";

const TYPING_MS = 150;
const LEAST = 2;
const NEVER = "0";
const DAY = 86_400;

interface Props {
  /** Until then, in seconds since 1970; 0 for ever. */
  readonly onAdd: (role: string, may: May, who: Who | undefined, until: number) => void;
}

/** A field to let one more in, by their name or, where that is not shown, by their login. */
export function Adding({ onAdd }: Props) {
  const { t } = useLingui();
  const [typed, setTyped] = useState("");
  const [may, setMay] = useState("read");
  const [days, setDays] = useState(NEVER);
  const [text, setText] = useState("");
  useEffect(() => {
    const rest = setTimeout(() => setText(typed.trim()), TYPING_MS);
    return () => clearTimeout(rest);
  }, [typed]);
  const found = useQuery({
    queryKey: ["suggested", text],
    queryFn: () => suggested(text),
    enabled: text.length >= LEAST,
    placeholderData: keepPreviousData,
  });
  const known = text.length < LEAST ? [] : (found.data ?? []);
  const keyOf = (one: Who) => one.login ?? one.role;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const key = typed.trim();
    if (key === "") return;
    const who = known.find((one) => keyOf(one) === key);
    const until = days === NEVER ? 0 : Math.floor(Date.now() / 1000) + Number(days) * DAY;
    onAdd(who?.role ?? key, may === "write" ? "write" : "read", who, until);
    setTyped("");
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <Autocomplete
          flex={1}
          miw="11rem"
          label={t`Name or login`}
          value={typed}
          onChange={setTyped}
          data={known.map(keyOf)}
          filter={({ options }) => options}
          maxDropdownHeight={260}
          renderOption={({ option }) => {
            const one = known.find((other) => keyOf(other) === option.value);
            return (
              <div>
                <Text size="sm">
                  <bdi>{one?.name ?? option.value}</bdi>
                </Text>
                <Text size="xs" c="dimmed">
                  {one?.kind === "group" && `${t`Group`} `}
                  <bdi>{option.value}</bdi>
                </Text>
              </div>
            );
          }}
        />
        <Select
          label={t`May`}
          w={110}
          allowDeselect={false}
          value={may}
          onChange={(value) => setMay(value ?? "read")}
          data={[
            { value: "read", label: t`look` },
            { value: "write", label: t`change` },
          ]}
        />
        <Select
          label={t`Ends`}
          w={130}
          allowDeselect={false}
          value={days}
          onChange={(value) => setDays(value ?? NEVER)}
          data={[
            { value: NEVER, label: t`never` },
            { value: "7", label: t`in a week` },
            { value: "30", label: t`in 30 days` },
            { value: "365", label: t`in a year` },
          ]}
        />
        <Button type="submit" variant="default">
          <Trans>Add</Trans>
        </Button>
      </Group>
    </form>
  );
}

