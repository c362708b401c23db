import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { ApiError, said } from "../api";

export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <div className="k-page">
      <Alert color="red" title={<Trans>This page could not be shown</Trans>}>
        <Stack align="flex-start">
          {said(error)}
          {error instanceof ApiError && error.requestId !== "" && <code>{error.requestId}</code>}
          <Button onClick={reset}>
            <Trans>Try again</Trans>
          </Button>
        </Stack>
      </Alert>
    </div>
  );
}

export function NotFound() {
  return (
    <Stack className="k-page" align="center" gap="md" py="15vh" ta="center">
      <IconMapQuestion size={56} stroke={1.2} color="var(--k-soft)" aria-hidden />
      <Title order={1} size="h2">
        <Trans>There is nothing here</Trans>
      </Title>
      <Text c="dimmed">
        <Trans>The address may be mistyped, or what was there is gone.</Trans>
      </Text>
      <Button variant="default" renderRoot={(props) => <Link to="/files" {...props} />}>
        <Trans>Your files</Trans>
      </Button>
    </Stack>
  );
}
