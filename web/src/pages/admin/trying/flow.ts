/** An application's sign-in from its first request to the end of its tokens, told step by step. RFC6749-4.1, OIDCC-3.1, RFC8628-3. */
import { t } from "@lingui/core/macro";
import { type Exchanged, api, exchange, said } from "../../../api";
import { decode } from "../InspectorPage";
import type { Client } from "../ClientsPage";
import { awaitAnswer, makePkce, random, rest } from "./browser";
import { type Found, checkIdToken } from "./checks";
import { bodyLines, curlOf, headerLines, paramLines } from "./masks";

export type Name = "discovery" | "pushed" | "authorization" | "answer" | "device" | "tokens" | "id_token" | "userinfo" | "refresh" | "introspection" | "end";

export interface Step {
  readonly name: Name;
  readonly state: "running" | "good" | "bad";
  readonly sent?: string;
  readonly curl?: string;
  /** Where the other window goes: it may be opened again. */
  readonly goesTo?: string;
  /** What the person is to find there. */
  readonly code?: string;
  readonly came?: string;
  readonly found?: readonly Found[];
  readonly why?: string;
}
export interface Wanted {
  readonly client: Client;
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly prompt: string;
  readonly byDevice: boolean;
  readonly issuer: string;
  readonly popup: Window;
  readonly signal: AbortSignal;
}
export type Tell = (step: Step) => void;

interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly revocation_endpoint: string;
  readonly introspection_endpoint: string;
  readonly device_authorization_endpoint: string;
  readonly pushed_authorization_request_endpoint: string;
}
interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri_complete: string;
  readonly interval?: number;
}
interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Seconds between two questions, where the server says none. RFC8628-3.2 */
const USUAL_INTERVAL = 5;

/** Where the answer comes: a page of ours, which is registered while this lasts. */
export function ownCallback(): string {
  return `${window.location.origin}/admin/tried`;
}

class Stopped extends Error {}

/** The running sign-in: who asks, and to whom each step is told. */
class Trial {
  constructor(
    readonly wanted: Wanted,
    readonly tell: Tell,
  ) {}

  /** One request: told as it leaves and as it is answered; anything but a success ends the trial, unless it is to wait. */
  async call(name: Name, method: "GET" | "POST", address: string, headers: Record<string, string>, form?: URLSearchParams, mayWait?: (answer: Exchanged) => boolean): Promise<string | null> {
    const sent = [`${method} ${address}`, headerLines(headers), ...(form ? ["", paramLines(form)] : [])].filter((line, at) => at > 1 || line).join("\n");
    const curl = curlOf(method, address, headers, form);
    this.tell({ name, state: "running", sent, curl });
    let answer: Exchanged;
    try {
      answer = await exchange(method, address, headers, form);
    } catch (error) {
      this.tell({ name, state: "bad", sent, curl, why: said(error) });
      throw new Stopped();
    }
    if (mayWait?.(answer)) return null;
    const isGood = answer.status >= 200 && answer.status < 300;
    this.tell({ name, state: isGood ? "good" : "bad", sent, curl, came: [`${answer.status} ${answer.type}`, bodyLines(answer.text)].join("\n\n").trim() });
    if (!isGood) throw new Stopped();
    return answer.text;
  }

  async json<T>(...asked: Parameters<Trial["call"]>): Promise<T> {
    return JSON.parse((await this.call(...asked)) ?? "null") as T;
  }

  /** Say who the client is, in the way that it is registered with. RFC6749-2.3.1 */
  signed(params: Record<string, string>): [Record<string, string>, URLSearchParams] {
    const { client_id, token_endpoint_auth_method: method } = this.wanted.client;
    const headers: Record<string, string> = { Accept: "application/json" };
    const form = new URLSearchParams(params);
    if (method === "client_secret_basic") headers.Authorization = `Basic ${btoa(`${quoted(client_id)}:${quoted(this.wanted.secret)}`)}`;
    else form.set("client_id", client_id);
    if (method === "client_secret_post") form.set("client_secret", this.wanted.secret);
    return [headers, form];
  }
}

function quoted(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

/** Run it. It ends at the first step that fails; the tokens end with it. */
export async function tryClient(wanted: Wanted, tell: Tell): Promise<void> {
  const trial = new Trial(wanted, tell);
  try {
    const metadata = await trial.json<Metadata>("discovery", "GET", `${wanted.issuer}/.well-known/openid-configuration`, { Accept: "application/json" });
    const nonce = wanted.byDevice ? undefined : random();
    let tokens = nonce === undefined ? await askByDevice(trial, metadata) : await askByCode(trial, metadata, nonce);
    try {
      const sub = tokens.id_token ? await readIdToken(trial, tokens.id_token, metadata.issuer, nonce) : undefined;
      if (wanted.scopes.includes("openid")) await askUserInfo(trial, metadata, tokens, sub);
      if (tokens.refresh_token) {
        const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
        tokens = { ...tokens, ...(await trial.json<Tokens>("refresh", "POST", metadata.token_endpoint, ...trial.signed(form))) };
      }
      // RFC7662-2.1: who cannot prove who they are is told nothing.
      if (wanted.client.token_endpoint_auth_method !== "none") await trial.call("introspection", "POST", metadata.introspection_endpoint, ...trial.signed({ token: tokens.access_token }));
    } finally {
      const token = tokens.refresh_token ?? tokens.access_token;
      await trial.call("end", "POST", metadata.revocation_endpoint, ...trial.signed({ token }));
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    wanted.popup.close();
  }
}

async function askByCode(trial: Trial, metadata: Metadata, nonce: string): Promise<Tokens> {
  const pkce = await makePkce();
  const code = await authorize(trial, metadata, pkce.challenge, nonce);
  const form = { grant_type: "authorization_code", code, redirect_uri: ownCallback(), code_verifier: pkce.verifier };
  return trial.json("tokens", "POST", metadata.token_endpoint, ...trial.signed(form));
}

/** As a device without a browser asks: it shows a code, and asks again until the person allowed it elsewhere. RFC8628-3.4 */
async function askByDevice(trial: Trial, metadata: Metadata): Promise<Tokens> {
  const { wanted, tell } = trial;
  const asked = await trial.json<Device>("device", "POST", metadata.device_authorization_endpoint, ...trial.signed({ scope: wanted.scopes.join(" ") }));
  const goesTo = asked.verification_uri_complete;
  tell({ name: "authorization", state: "running", sent: `GET ${goesTo}`, goesTo, code: asked.user_code });
  wanted.popup.location.assign(goesTo);
  let wait = asked.interval ?? USUAL_INTERVAL;
  const mayWait = ({ text }: Exchanged) => {
    const { error } = answerOf(text);
    if (error === "slow_down") wait += USUAL_INTERVAL;
    return error === "slow_down" || error === "authorization_pending";
  };
  const form = { grant_type: DEVICE_GRANT, device_code: asked.device_code };
  for (;;) {
    if (!(await rest(wait, wanted.signal))) {
      tell({ name: "authorization", state: "bad", sent: `GET ${goesTo}`, why: t`Nobody came back: you stopped it.` });
      throw new Stopped();
    }
    const text = await trial.call("tokens", "POST", metadata.token_endpoint, ...trial.signed(form), mayWait);
    if (text === null) continue;
    tell({ name: "authorization", state: "good", sent: `GET ${goesTo}` });
    return JSON.parse(text) as Tokens;
  }
}

function answerOf(text: string): { error?: string } {
  try {
    return JSON.parse(text) as { error?: string };
  } catch {
    return {};
  }
}

async function authorize(trial: Trial, metadata: Metadata, challenge: string, nonce: string): Promise<string> {
  const { wanted, tell } = trial;
  const { client } = wanted;
  const state = random();
  const asked = {
    response_type: "code", redirect_uri: ownCallback(), scope: wanted.scopes.join(" "), state, nonce,
    code_challenge: challenge, code_challenge_method: "S256", ...(wanted.prompt ? { prompt: wanted.prompt } : {}),
  };
  let params = new URLSearchParams({ client_id: client.client_id, ...asked });
  if (client.require_pushed_authorization_requests) {
    const pushed = await trial.json<{ request_uri: string }>("pushed", "POST", metadata.pushed_authorization_request_endpoint, ...trial.signed(asked));
    params = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  }
  const sent = `GET ${metadata.authorization_endpoint}\n\n${paramLines(params)}`;
  const goesTo = `${metadata.authorization_endpoint}?${params}`;
  tell({ name: "authorization", state: "running", sent, goesTo });
  wanted.popup.location.assign(goesTo);
  const answer = await awaitAnswer(state, wanted.signal);
  if (answer === null) {
    tell({ name: "authorization", state: "bad", sent, why: t`Nobody came back: you stopped it.` });
    throw new Stopped();
  }
  tell({ name: "authorization", state: "good", sent });
  return takeCode(trial, answer, metadata.issuer);
}

/** Look at what came back before anything is believed of it. RFC6749-4.1.2, RFC9207-2.4 */
function takeCode(trial: Trial, answer: URLSearchParams, issuer: string): string {
  const came = `GET ${ownCallback()}\n\n${paramLines(answer)}`;
  const code = answer.get("code");
  const found: Found[] = [{ name: "state", isGood: true }, { name: "iss", isGood: answer.get("iss") === issuer }];
  const isGood = code !== null && found.every((one) => one.isGood);
  trial.tell({ name: "answer", state: isGood ? "good" : "bad", came, found });
  if (!isGood) throw new Stopped();
  return code;
}

async function readIdToken(trial: Trial, token: string, issuer: string, nonce: string | undefined): Promise<string> {
  const read = decode(token);
  const came = read === null ? "" : JSON.stringify(read, null, 2);
  trial.tell({ name: "id_token", state: "running", came });
  const { is_ours } = await api.post<{ is_ours: boolean }>("/a/keycell/admin/tokens/inspect", { token });
  const claims = (read?.claims ?? {}) as Record<string, unknown>;
  const found = [{ name: "signature", isGood: is_ours }, ...checkIdToken(claims, { issuer, nonce, client_id: trial.wanted.client.client_id, now: Date.now() / 1000 })];
  const isGood = found.every((one) => one.isGood);
  trial.tell({ name: "id_token", state: isGood ? "good" : "bad", came, found });
  if (!isGood) throw new Stopped();
  return String(claims.sub);
}

async function askUserInfo(trial: Trial, metadata: Metadata, tokens: Tokens, sub: string | undefined): Promise<void> {
  const sent = { Authorization: `Bearer ${tokens.access_token}`, Accept: "application/json" };
  const text = (await trial.call("userinfo", "GET", metadata.userinfo_endpoint, sent)) ?? "";
  const told = (decode(text)?.claims ?? JSON.parse(text)) as { sub?: string };
  const isGood = sub === undefined || told.sub === sub;
  // OIDCC-5.3.2: a UserInfo answer about somebody else is not to be used.
  const shown = `GET ${metadata.userinfo_endpoint}\n${headerLines(sent)}`;
  trial.tell({ name: "userinfo", state: isGood ? "good" : "bad", sent: shown, curl: curlOf("GET", metadata.userinfo_endpoint, sent), came: JSON.stringify(told, null, 2), found: [{ name: "sub", isGood }] });
  if (!isGood) throw new Stopped();
}
