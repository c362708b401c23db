import { Trans } from "@lingui/react/macro";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { ApiError, said } from "../api";
import classes from "./Broken.module.css";

/** Of plain elements: what a page is made of may be what could not be fetched. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <div className="k-page">
      <div className={classes.broken} role="alert">
        <strong>
          <Trans>This page could not be shown</Trans>
        </strong>
        {said(error)}
        {error instanceof ApiError && error.requestId !== "" && <code>{error.requestId}</code>}
        <button type="button" className="k-button" data-main onClick={reset}>
          <Trans>Try again</Trans>
        </button>
      </div>
    </div>
  );
}

export function NotFound() {
  return (
    <div className={`k-page ${classes.missing ?? ""}`}>
      <IconMapQuestion size={56} stroke={1.2} color="var(--k-soft)" aria-hidden />
      <h1>
        <Trans>There is nothing here</Trans>
      </h1>
      <p>
        <Trans>The address may be mistyped, or what was there is gone.</Trans>
      </p>
      <Link to="/files" className="k-button">
        <Trans>Your files</Trans>
      </Link>
    </div>
  );
}
