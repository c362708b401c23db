import { Button, Checkbox, Group, PasswordInput, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCheck, IconPoint } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, said } from "../../api";
import { done } from "../../shell/toast";
import { rulesOf, strengthOf } from "./strength";

interface Fields {
  readonly password: string;
  readonly new_password: string;
  readonly signs_out_others: boolean;
}

/** Beside the first line of what it stands for. */
const ICON = { flex: "none", marginBlockStart: 3 };

/** What a password must be, before it is typed and while it is. */
function Rules({ password, names }: { password: string; names: readonly string[] }) {
  const { t } = useLingui();
  const { isLong, isOther } = rulesOf(password, names);
  const rules = [
    { is: isLong, text: t`At least 8 characters; a few words in a row are better than signs` },
    { is: isOther, text: t`Neither your login nor your mail address, nor one sign again and again` },
    // Its list is long, and stays at the server.
    { is: false, text: t`None of the passwords that are tried first: the server looks it up in a list of its own, and tells nobody` },
  ];
  return (
    <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: "none" }} id="password-rules">
      {rules.map(({ is, text }) => (
        <Group key={text} component="li" gap={6} wrap="nowrap" align="flex-start">
          {is ? <IconCheck size={16} color="var(--mantine-color-green-filled)" role="img" aria-label={t`good`} style={ICON} /> : <IconPoint size={16} aria-hidden style={ICON} />}
          <Text size="sm" c="dimmed">{text}</Text>
        </Group>
      ))}
    </Stack>
  );
}

function Strength({ password }: { password: string }) {
  const { t } = useLingui();
  const strength = strengthOf(password);
  const told = [t`Easy to guess`, t`Fair`, t`Good`, t`Hard to guess`][strength];
  return (
    <Stack gap={4} role="status">
      <Progress value={25 * (strength + 1)} color={["red", "orange", "teal", "green"][strength] ?? "red"} size="sm" aria-hidden />
      <Text size="sm">{told}</Text>
    </Stack>
  );
}

export function Password({ login, email, isSet }: { login: string; email: string; isSet: boolean }) {
  const { t } = useLingui();
  const form = useForm<Fields>({
    initialValues: { password: "", new_password: "", signs_out_others: true },
    validate: { new_password: (value) => (rulesOf(value, []).isLong ? null : t`At least 8 characters`) },
  });
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (values: Fields) => api.put("/a/keycell/account/password", values),
    onSuccess: () => {
      form.reset();
      done(t`Your password is changed.`);
      return queries.invalidateQueries();
    },
    // Told at the field that it is about.
    onError: (error) => {
      if (error instanceof ApiError && error.code === "WrongCredentials") form.setFieldError("password", t`This is not your current password`);
      else form.setFieldError("new_password", said(error));
    },
  });
  const typed = form.values.new_password;
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack>
        <Rules password={typed} names={[login, email]} />
        <input type="hidden" name="username" autoComplete="username" value={login} readOnly />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {isSet && <PasswordInput label={t`Current password`} autoComplete="current-password" required {...form.getInputProps("password")} />}
          <PasswordInput label={t`New password`} autoComplete="new-password" required aria-describedby="password-rules" {...form.getInputProps("new_password")} />
        </SimpleGrid>
        {typed !== "" && <Strength password={typed} />}
        <Checkbox label={t`Sign out every other browser`} {...form.getInputProps("signs_out_others", { type: "checkbox" })} />
        <Group><Button type="submit" variant="default" loading={change.isPending}>{isSet ? <Trans>Change the password</Trans> : <Trans>Set a password</Trans>}</Button></Group>
      </Stack>
    </form>
  );
}
