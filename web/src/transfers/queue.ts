/**
 * Uploads: a queue that knows nothing of pages. Bytes are counted as they are sent, a file is done only when the
 * server has said so, and what fails on the way is tried again from where it was.
 */

export type State = "queued" | "uploading" | "finishing" | "done" | "failed" | "paused" | "conflict";

export interface Transfer {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  readonly state: State;
  readonly error: string;
  /** The server's own word for why it was refused, if it was. */
  readonly code: string;
}

export interface Sending {
  readonly signal: AbortSignal;
  readonly sent: (bytes: number) => void;
}

/** What the queue needs of the network. */
export interface Carrier {
  exists(path: string, signal: AbortSignal): Promise<boolean>;
  /** Throws Taken where there is something and `replaces` is false. */
  put(path: string, body: Blob, replaces: boolean, sending: Sending): Promise<void>;
  begin(path: string, type: string, signal: AbortSignal): Promise<string>;
  part(path: string, upload: string, number: number, body: Blob, sending: Sending): Promise<string>;
  complete(path: string, upload: string, etags: readonly string[], replaces: boolean, signal: AbortSignal): Promise<void>;
  abort(path: string, upload: string): Promise<void>;
  /** The ETags of the parts that arrived, from the first on without a gap; null if the upload is gone. */
  parts(path: string, upload: string, signal: AbortSignal): Promise<readonly string[] | null>;
}

/** The name is taken. */
export class Taken extends Error {}
/** The network or the server was away: worth another try. */
export class Away extends Error {}

/** The server does not take it, however often it is asked. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What outlives the page of an upload that is not done: all but its bytes. */
export interface Kept {
  readonly key: string;
  readonly path: string;
  readonly size: number;
  /** Of the file on the disk, in milliseconds since 1970. */
  readonly changedAt: number;
  /** Whose parts the server has; null before it has any. */
  readonly upload: string | null;
  /** Its name is taken, and nobody has said yet what is to be done. */
  readonly isTaken: boolean;
}

/** Where that is kept. */
export interface Memory {
  keep(one: Kept): void;
  forget(key: string): void;
}

const NO_MEMORY: Memory = { keep: () => undefined, forget: () => undefined };

export interface Wanted {
  readonly path: string;
  readonly body: Blob;
  /** What an earlier page kept of it: it goes on from there. */
  readonly kept?: Kept | undefined;
}

/** Gives a name beside one, other than those that are taken. */
export type Beside = (name: string, taken: ReadonlySet<string>) => string;
export type Answer = "replace" | "keep both" | "skip";

interface Job {
  transfer: Transfer;
  readonly key: string;
  readonly body: Blob;
  /** The name it came with, and those beside it that turned out to be taken. */
  readonly wanted: string;
  readonly taken: Set<string>;
  /** Its parts are to be asked for first. */
  isResumed: boolean;
  replaces: boolean;
  upload: string | null;
  etags: string[];
  control: AbortController | null;
}

export const PART = 16 * 2 ** 20;
const AT_ONCE = 3;
const TRIES = 12;
const LONGEST_WAIT = 10_000;
const TOLD_EVERY = 60;

export class TransferQueue {
  #jobs: Job[] = [];
  #listeners = new Set<() => void>();
  #snapshot: readonly Transfer[] | null = [];
  #isTelling = false;
  #next = 1;
  #forAll: Answer | null = null;

  constructor(
    private readonly carrier: Carrier,
    private readonly arrived: (path: string) => void = () => undefined,
    private readonly wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
    private readonly memory: Memory = NO_MEMORY,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): readonly Transfer[] => (this.#snapshot ??= this.#jobs.map((job) => job.transfer));

  add(wanted: readonly Wanted[]): void {
    this.#forAll = null;
    for (const { path, body, kept } of wanted) {
      const transfer: Transfer = {
        id: this.#next++,
        path,
        name: path.slice(path.lastIndexOf("/") + 1),
        size: body.size,
        sent: 0,
        state: "queued",
        error: "",
        code: "",
      };
      const job: Job = {
        transfer, body, key: kept?.key ?? newKey(), wanted: transfer.name, taken: new Set(), replaces: false,
        isResumed: kept?.upload != null, upload: kept?.upload ?? null, etags: [], control: null,
      };
      this.#jobs.push(job);
      this.#remember(job);
    }
    this.#pump();
  }

  pause(id: number): void {
    const job = this.#job(id);
    if (job === undefined || !["queued", "uploading"].includes(job.transfer.state)) return;
    this.#say(job, { state: "paused" });
    job.control?.abort();
    this.#pump();
  }

  resume(id: number): void {
    const job = this.#job(id);
    if (job === undefined || !["paused", "failed"].includes(job.transfer.state)) return;
    this.#say(job, { state: "queued", error: "", code: "" });
    this.#pump();
  }

  cancel(id: number): void {
    const job = this.#job(id);
    if (job === undefined) return;
    job.control?.abort();
    if (job.upload !== null && job.transfer.state !== "done") {
      void this.carrier.abort(job.transfer.path, job.upload).catch(() => undefined);
    }
    this.#drop(job);
    this.#pump();
  }

  /** Answer a conflict, for this file or for all that follow of the same drop. */
  answer(id: number, answer: Answer, forAll: boolean, beside: Beside): void {
    if (forAll) this.#forAll = answer;
    const meant = this.#jobs.filter((job) => job.transfer.state === "conflict" && (forAll || job.transfer.id === id));
    for (const job of meant) this.#settle(job, answer, beside);
    this.#beside = beside;
    this.#pump();
  }
  #beside: Beside = (name) => name;

  clear(): void {
    this.#jobs = this.#jobs.filter((job) => job.transfer.state !== "done");
    this.#tell();
  }

  get isBusy(): boolean {
    return this.#jobs.some((job) => ["queued", "uploading", "finishing"].includes(job.transfer.state));
  }

  #settle(job: Job, answer: Answer, beside: Beside): void {
    if (answer === "skip") return this.#drop(job);
    if (answer === "keep both") {
      const { path, name } = job.transfer;
      job.taken.add(name.toLowerCase());
      const other = beside(job.wanted, job.taken);
      // An upload is of one name: under another its parts are sent anew.
      if (job.upload !== null) void this.carrier.abort(path, job.upload).catch(() => undefined);
      job.upload = null;
      job.etags = [];
      this.#say(job, { path: path.slice(0, path.length - name.length) + other, name: other });
    }
    job.replaces = answer === "replace";
    this.#say(job, { state: "queued" });
    this.#remember(job);
  }

  #drop(job: Job): void {
    this.#jobs = this.#jobs.filter((one) => one !== job);
    this.memory.forget(job.key);
  }

  #remember(job: Job): void {
    const { key, body, upload } = job;
    const changedAt = body instanceof File ? body.lastModified : 0;
    const { path, state } = job.transfer;
    this.memory.keep({ key, path, size: body.size, changedAt, upload, isTaken: state === "conflict" });
  }

  #job(id: number): Job | undefined {
    return this.#jobs.find((job) => job.transfer.id === id);
  }

  #pump(): void {
    const running = this.#jobs.filter((job) => job.control !== null).length;
    const waiting = this.#jobs.filter((job) => job.transfer.state === "queued" && job.control === null);
    for (const job of waiting.slice(0, Math.max(0, AT_ONCE - running))) void this.#run(job);
    this.#tell();
  }

  async #run(job: Job): Promise<void> {
    const control = new AbortController();
    job.control = control;
    this.#say(job, { state: "uploading" });
    try {
      await this.#insist(job, control.signal);
      this.#say(job, { state: "done", sent: job.body.size });
      this.memory.forget(job.key);
      this.arrived(job.transfer.path);
    } catch (error) {
      if (!control.signal.aborted) this.#fell(job, error);
    } finally {
      job.control = null;
      this.#pump();
    }
  }

  #fell(job: Job, error: unknown): void {
    if (error instanceof Taken) {
      if (this.#forAll !== null) return this.#settle(job, this.#forAll, this.#beside);
      this.#say(job, { state: "conflict", sent: 0 });
      return this.#remember(job);
    }
    const code = error instanceof Refused ? error.code : "";
    this.#say(job, { state: "failed", code, error: error instanceof Error ? error.message : String(error) });
  }

  async #insist(job: Job, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#carry(job, signal);
      } catch (error) {
        if (!(error instanceof Away) || tries >= TRIES || signal.aborted) throw error;
        this.#say(job, { state: "uploading" });
        await this.wait(Math.min(LONGEST_WAIT, 500 * 2 ** tries), signal);
      }
    }
  }

  async #carry(job: Job, signal: AbortSignal): Promise<void> {
    const { body } = job;
    const { path } = job.transfer;
    if (body.size <= PART) {
      this.#say(job, { sent: 0 });
      await this.carrier.put(path, body, job.replaces, { signal, sent: (bytes) => this.#sent(job, bytes) });
      return;
    }
    if (job.isResumed && job.upload !== null) {
      const arrived = await this.carrier.parts(path, job.upload, signal);
      job.upload = arrived === null ? null : job.upload;
      job.etags = [...(arrived ?? [])];
      job.isResumed = false;
      this.#say(job, { sent: job.etags.length * PART });
    }
    if (job.upload === null) {
      // Better told before gigabytes were sent than after.
      if (!job.replaces && (await this.carrier.exists(path, signal))) throw new Taken(path);
      job.upload = await this.carrier.begin(path, body.type, signal);
      this.#remember(job);
    }
    for (let start = job.etags.length * PART; start < body.size; start += PART) {
      const sending = { signal, sent: (bytes: number) => this.#sent(job, start + bytes) };
      const part = body.slice(start, start + PART);
      job.etags.push(await this.carrier.part(path, job.upload, job.etags.length + 1, part, sending));
    }
    this.#say(job, { state: "finishing", sent: body.size });
    await this.carrier.complete(path, job.upload, job.etags, job.replaces, signal);
  }

  #sent(job: Job, bytes: number): void {
    const isWhole = bytes >= job.body.size;
    this.#say(job, isWhole ? { sent: bytes, state: "finishing" } : { sent: bytes });
  }

  #say(job: Job, change: Partial<Transfer>): void {
    job.transfer = { ...job.transfer, ...change };
    this.#tell();
  }

  /** A few times a second at most: of ten thousand files each says something several times. */
  #tell(): void {
    this.#snapshot = null;
    if (this.#isTelling) return;
    this.#isTelling = true;
    setTimeout(() => {
      this.#isTelling = false;
      for (const listener of this.#listeners) listener();
    }, TOLD_EVERY);
  }
}

/** Nothing that must be kept secret: it tells one upload of this browser from the others. */
function newKey(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(signal.reason as Error);
    });
  });
}
