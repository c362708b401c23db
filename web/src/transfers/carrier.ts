/** The queue's network: objects under /web/io, sent by XMLHttpRequest, which tells of bytes as they leave. */
import { api, ours, whenRefused } from "../api";
import { address } from "../pages/files/nodes";
import { Away, type Carrier, PART, Refused, type Sending, Taken } from "./queue";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body?: Blob | string;
  readonly headers?: Record<string, string>;
  readonly sending: Sending;
}

const NOBODY = (): void => undefined;

function once({ method, url, body, headers, sending }: Asked): Promise<XMLHttpRequest> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries({ ...ours(), ...headers })) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => sending.sent(event.loaded);
    request.onload = () => done(request);
    request.onerror = () => fail(new Away("the server does not answer"));
    request.onabort = () => fail(new DOMException("", "AbortError"));
    const abort = () => request.abort();
    sending.signal.addEventListener("abort", abort);
    request.onloadend = () => sending.signal.removeEventListener("abort", abort);
    if (sending.signal.aborted) fail(new DOMException("", "AbortError"));
    else request.send(body ?? null);
  });
}

/** No such upload, or no such place. */
class Gone extends Error {}

function textIn(request: XMLHttpRequest): string {
  return /<Message>([^<]*)/.exec(request.responseText)?.[1] ?? request.statusText;
}

async function carried(asked: Asked): Promise<XMLHttpRequest> {
  let request = await once(asked);
  if (request.status === 401) {
    await whenRefused();
    request = await once(asked);
  }
  if (request.status === 404) throw new Gone(textIn(request));
  if (request.status === 412) throw new Taken(asked.url);
  if (request.status >= 500 && request.status !== 507) throw new Away("the server is away");
  // A proxy that takes no more says so by the status alone. RFC9110-15.5.14.
  const code = valueIn(request.responseText, "Code") || (request.status === 413 ? "EntityTooLarge" : "");
  if (request.status >= 400) throw new Refused(code, textIn(request));
  return request;
}

function valueIn(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)`).exec(xml)?.[1]?.replaceAll("&quot;", '"') ?? "";
}

const fresh = (replaces: boolean): Record<string, string> => (replaces ? {} : { "If-None-Match": "*" });

export const carrier: Carrier = {
  async exists(path, signal) {
    const found = await api.post<{ Nodes: unknown[] }>("/a/tree/stats", { NodePaths: [path] }, { signal });
    return found.Nodes.length > 0;
  },
  async put(path, body, replaces, sending) {
    const type: Record<string, string> = body.type === "" ? {} : { "Content-Type": body.type };
    await carried({ method: "PUT", url: address(path), body, headers: { ...fresh(replaces), ...type }, sending });
  },
  async begin(path, type, signal) {
    const headers: Record<string, string> = type === "" ? {} : { "Content-Type": type };
    const sending = { signal, sent: NOBODY };
    const request = await carried({ method: "POST", url: `${address(path)}?uploads`, headers, sending });
    const found = /<UploadId>([^<]+)/.exec(request.responseText)?.[1];
    if (found === undefined) throw new Error("the server began no upload");
    return found;
  },
  async part(path, upload, number, body, sending) {
    const url = `${address(path)}?partNumber=${number}&uploadId=${encodeURIComponent(upload)}`;
    const request = await carried({ method: "PUT", url, body, sending });
    return request.getResponseHeader("ETag") ?? "";
  },
  async complete(path, upload, etags, replaces, signal) {
    const parts = etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const url = `${address(path)}?uploadId=${encodeURIComponent(upload)}`;
    const headers = { ...fresh(replaces), "Content-Type": "application/xml" };
    const request = await carried({ method: "POST", url, body, headers, sending: { signal, sent: NOBODY } });
    const refused = /<Error>.*<Message>([^<]*)/s.exec(request.responseText)?.[1];
    if (refused !== undefined) throw new Error(refused);
  },
  async parts(path, upload, signal) {
    const etags: string[] = [];
    for (let after = 0; ; after = etags.length) {
      const query = new URLSearchParams({ uploadId: upload, "part-number-marker": String(after) });
      const asked = { method: "GET", url: `${address(path)}?${query}`, sending: { signal, sent: NOBODY } };
      const request = await carried(asked).catch((error: unknown) => {
        if (error instanceof Gone) return null;
        throw error;
      });
      if (request === null) return null;
      const before = etags.length;
      for (const [, part = ""] of request.responseText.matchAll(/<Part>(.*?)<\/Part>/gs)) {
        if (Number(valueIn(part, "PartNumber")) !== etags.length + 1 || Number(valueIn(part, "Size")) !== PART) return etags;
        etags.push(valueIn(part, "ETag"));
      }
      if (etags.length === before || valueIn(request.responseText, "IsTruncated") !== "true") return etags;
    }
  },
  async abort(path, upload) {
    const url = `${address(path)}?uploadId=${encodeURIComponent(upload)}`;
    const { signal } = new AbortController();
    await once({ method: "DELETE", url, sending: { signal, sent: NOBODY } });
  },
};
