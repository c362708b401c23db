/** When a token was made, is good from and until, in order, with the moment it is now between them. */
import { Text } from "@mantine/core";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { ago, moment } from "../../format";
import classes from "./InspectorTimes.module.css";

const NAMES: Readonly<Record<string, MessageDescriptor>> = {
  auth_time: msg`The person proved who they are`, iat: msg`Made`, nbf: msg`Good from here`, now: msg`Now`, exp: msg`Good until here`,
};

export interface Mark {
  readonly name: string;
  readonly at: number;
}

/** In order; of what is at one moment, in the order in which it comes about. */
export function marksOf(claims: Readonly<Record<string, unknown>>, now: number): Mark[] {
  const marks: Mark[] = Object.keys(NAMES).flatMap((name) => {
    const at = name === "now" ? now : claims[name];
    return typeof at === "number" && Number.isFinite(at) ? [{ name, at }] : [];
  });
  return marks.length > 1 ? marks.toSorted((one, other) => one.at - other.at) : [];
}

export function TokenTimes({ claims }: { claims: Readonly<Record<string, unknown>> }) {
  const { i18n, t } = useLingui();
  const [now] = useState(() => Date.now() / 1000);
  const marks = marksOf(claims, now);
  if (marks.length === 0) return null;
  const end = claims.exp;
  const isOver = typeof end === "number" && end < now;
  return (
    <ol className={classes.times} aria-label={t`Time line`}>
      {marks.map(({ name, at }) => (
        <li key={name} data-mark={name} data-over={isOver || undefined} data-past={at < now || undefined}>
          <Text component="span" fw={600} size="sm">{NAMES[name] && i18n._(NAMES[name])}</Text>
          <Text component="span" size="sm" c="dimmed">{name === "now" ? moment(at) : `${moment(at)} · ${ago(at)}`}</Text>
        </li>
      ))}
    </ol>
  );
}
