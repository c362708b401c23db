/**
 * The only file that asks the server: REST under /web/a, objects under /web/io, by the session's cookie.
 *
 * When the session is over, a call waits until the person has signed in again and is then sent once more.
 */
import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";

import { forgetTraces } from "./traces";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string,
    /** Seconds until another try is worth it, where the server says so; 0 where it does not. RFC9110-10.2.3. */
    readonly wait = 0,
  ) {
    super(message);
  }
}

/** The server cannot be reached. */
export class Offline extends Error {}

/** Why somebody is to sign in: they are signed out, or what they do wants a sign-in of just now. RFC9470-3. */
export type Reason = "over" | "old";
type SignInAgain = (reason: Reason) => Promise<void>;
let signInAgain: SignInAgain = () => Promise.reject(new Error("nobody listens"));

export function whenSignedOut(again: SignInAgain): void {
  signInAgain = again;
}

/** For what is sent otherwise and was refused: returns when the person has signed in again. */
export function whenRefused(): Promise<void> {
  return signInAgain("over");
}

type Heard = (isThere: boolean) => void;
let heard: Heard = () => undefined;

/** Be told whenever the server answers, or does not. */
export function whenHeard(tell: Heard): void {
  heard = tell;
}

/** Between us and a server that is away, what answers in its place says so. RFC9110-15.6.3, RFC9110-15.6.5. */
const NOT_THE_SERVER = [502, 504];

export interface Options {
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
}

/** Marks a request as one of our own page's, to be answered in the page's language, which may be another than the browser's. */
export function ours(): Record<string, string> {
  return { "X-Requested-With": "keycell", ...(i18n.locale ? { "Accept-Language": i18n.locale } : {}) };
}

async function send(method: string, address: string, body?: unknown, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { ...ours(), ...options.headers };
  if (body !== undefined && !(body instanceof Blob)) headers["Content-Type"] ??= "application/json";
  const asked: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) asked.body = body instanceof Blob || typeof body === "string" ? body : JSON.stringify(body);
  if (options.signal) asked.signal = options.signal;
  try {
    const response = await fetch(address, asked);
    heard(!NOT_THE_SERVER.includes(response.status));
    return response;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    heard(false);
    throw new Offline(t`The server does not answer.`);
  }
}

export async function ask(method: string, address: string, body?: unknown, options: Options = {}): Promise<Response> {
  let response = await send(method, address, body, options);
  if (response.status === 401) {
    const challenge = response.headers.get("www-authenticate") ?? "";
    await signInAgain(challenge.includes("insufficient_user_authentication") ? "old" : "over");
    response = await send(method, address, body, options);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id") ?? "";
  const wait = Number(response.headers.get("retry-after") ?? 0);
  const text = await response.text();
  try {
    const body = JSON.parse(text) as Record<string, string>;
    const message = body.Title ?? body.Detail ?? body.error_description ?? body.error ?? text;
    return new ApiError(response.status, body.Code ?? body.error ?? "", message, requestId, wait);
  } catch {
    const code = /<Code>([^<]*)/.exec(text)?.[1] ?? "";
    const message = /<Message>([^<]*)/.exec(text)?.[1] ?? response.statusText;
    return new ApiError(response.status, code, message, requestId);
  }
}

async function json<T>(method: string, path: string, body?: unknown, options?: Options): Promise<T> {
  const response = await ask(method, `/web${path}`, body, options);
  return (await response.json()) as T;
}

/** REST calls: `api.get<Spaces>("/a/keycell/spaces")`. */
export const api = {
  get: <T>(path: string, options?: Options) => json<T>("GET", path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: Options) => json<T>("POST", path, body ?? {}, options),
  put: <T>(path: string, body?: unknown, options?: Options) => json<T>("PUT", path, body ?? {}, options),
  delete: <T>(path: string, options?: Options) => json<T>("DELETE", path, undefined, options),
};

/** What was sent and what came back, as it was. */
export interface Exchanged {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A call of OAuth's own endpoints, as any application makes it: without the session, an answer of any status. */
export async function exchange(method: "GET" | "POST", address: string, headers: Record<string, string>, form?: URLSearchParams): Promise<Exchanged> {
  const asked: RequestInit = { method, headers, credentials: "omit", cache: "no-store" };
  if (form) asked.body = form;
  try {
    const response = await fetch(address, asked);
    return { status: response.status, type: response.headers.get("content-type") ?? "", text: await response.text() };
  } catch {
    const { origin } = new URL(address);
    throw new Offline(t`${origin} does not answer.`);
  }
}

export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface Session {
  readonly signed_in: boolean;
  readonly language: string;
  /** The time zone they chose; empty where that is the browser's. */
  readonly zone: string;
  /** The theme they chose; empty where this browser's own counts. */
  readonly theme: "" | "auto" | "light" | "dark";
  readonly sub: string;
  readonly login: string;
  readonly name: string;
  readonly email: string | null;
  readonly group: string;
  readonly is_admin: boolean;
  readonly auth_time: number;
  /** They came in by a password and have no passkey. */
  readonly may_offer_passkey: boolean;
  /** Mail reaches them: the server sends some, and their address is known to be theirs. */
  readonly can_be_told: boolean;
  readonly issuer: string;
  readonly public_url: string;
  /** How the installation shows itself; empty where it is as Keycell comes. */
  readonly brand: Brand;
}

/** The colour of buttons and links, as it can be read. */
export interface Accent {
  readonly light: string;
  /** Words on dark ground. */
  readonly dark: string;
  /** What is filled on dark ground. */
  readonly filled: string;
}

export interface Brand {
  readonly name?: string;
  readonly accent?: Accent;
  readonly logo?: {
    readonly light: string;
    readonly dark: string;
    readonly width: number;
    readonly height: number;
    /** The name is in it. */
    readonly is_wordmark: boolean;
    /** Made for light ground alone, so that it gets one. */
    readonly is_alone: boolean;
  };
}

/** What the server wrote into the page; asked for where it wrote nothing. */
export async function firstSession(): Promise<Session> {
  const written = document.querySelector<HTMLMetaElement>('meta[name="session"]')?.content ?? "";
  return written.startsWith("{") ? (JSON.parse(written) as Session) : readSession();
}

export async function readSession(): Promise<Session> {
  const response = await send("GET", "/web/session");
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as Session;
}

/** Keep how somebody wants to be shown things, for their other browsers too; what the server does not hear of holds here at least. */
export async function keepMine(chosen: { locale?: string; theme?: string }): Promise<void> {
  await api.put("/a/keycell/account/profile", chosen).catch(() => undefined);
}

/** Have the server's own pages, and what is asked without a script, in this language too. */
export async function tellLanguage(language: string): Promise<void> {
  await ask("GET", `/web/session?${new URLSearchParams({ lang: language })}`);
}

/** Ask whether the server is there again. */
export async function isThere(): Promise<boolean> {
  return fetch("/healthz", { cache: "no-store" }).then((response) => response.ok, () => false);
}

/** End the sign-in, here and at the provider. */
export async function signOut(): Promise<void> {
  const response = await ask("POST", "/web/logout", {});
  const { location } = (await response.json()) as { location: string };
  forgetTraces();
  window.location.assign(location);
}

export function signInAddress(): string {
  const { pathname, search } = window.location;
  return `/web/login?${new URLSearchParams({ return_to: pathname + search })}`;
}
