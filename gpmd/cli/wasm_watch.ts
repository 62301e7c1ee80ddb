import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import { pause } from "../../gmp/async/pause.ts";
import { readRegularFile } from "../../gmp/device/regular_file.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { quotedPath } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { GpmdClient } from "../client/client.ts";
import { MAX_MODULE_SIZE } from "../../gmp/messages/module.ts";
import type { UploadedModule } from "../../gmp/messages/module.ts";
import { connect } from "./connect.ts";
import { complainOf, note, print, say, warn } from "../../gmp/command/console.ts";
import { developmentVersion } from "./development_version.ts";
import { FileChanges } from "./file_changes.ts";
import { formatSize } from "./format_size.ts";
import { withUnits } from "./json.ts";
import { warningsOf } from "./upload_warnings.ts";

/** What `gpmd wasm upload --watch` is asked for. */
export interface Watch {
  /** The module's file. */
  readonly path: string;
  /** The module's name. */
  readonly name: string;
  /** The version that the development versions precede; by default the next patch. */
  readonly version: string | undefined;
  /** Prints each upload as a line of JSON. */
  readonly json: boolean;
  /** The paired device whose GPMD it is published at; this one's by default. */
  readonly device: string | undefined;
}

/** First and longest wait between two attempts to reach GPMD again, in milliseconds. */
const FIRST_RETRY = 50;
const LONGEST_RETRY = 1000;

/**
 * Uploads the file now and after every change, each time as a development version that replaces the one before, and
 * removes the last one at SIGINT, SIGTERM or SIGHUP. They are temporary, so that GPMD removes them if this process is
 * killed; when GPMD comes back, the last one is published again. Errors are printed and the watch goes on. Returns the
 * exit code: 128 and the signal's number, or 1 if the last one could not be removed.
 *
 * @throws {GhostError} at the start, as `GpmdClient.connect`; `BAD_ARGUMENTS` when the file's directory is missing.
 */
export async function runWatch(watch: Watch, settings: Settings): Promise<number> {
  const stopping = new AbortController();
  const upload = new WatchedUpload(watch, settings, stopping.signal);
  await upload.connect(); // after this, GPMD may come and go
  using changes = await changesOf(watch.path);
  let code = 0;
  const stops = ([["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const).map(([signal, its]) => {
    const stop = () => {
      for (const [signal, stop] of stops) Deno.removeSignalListener(signal, stop); // the second one ends it at once
      code = its;
      stopping.abort();
      changes.close();
    };
    return [signal, stop] as const;
  });
  for (const [signal, stop] of stops) Deno.addSignalListener(signal, stop);
  note(`Watching "${watch.path}"; Ctrl-C ends it and removes the development version.`);
  await reporting(() => upload.update());
  for await (const _ of changes) await reporting(() => upload.update());
  return await reporting(() => upload.remove()) ? code : 1;
}

/** The development version that a watch has published, and the connection that keeps it. */
class WatchedUpload {
  readonly #watch: Watch;
  readonly #settings: Settings;
  readonly #stopping: AbortSignal;
  #gpmd: GpmdClient | undefined;
  #published: UploadedModule | undefined;
  /** The warnings of the last upload, which are not repeated. */
  #warned = "";
  /** Settles when the latest upload has ended. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(watch: Watch, settings: Settings, stopping: AbortSignal) {
    this.#watch = watch;
    this.#settings = settings;
    this.#stopping = stopping;
  }

  /** Connects, unless it is connected. */
  async connect(): Promise<GpmdClient> {
    if (this.#gpmd !== undefined) return this.#gpmd;
    const gpmd = await connect(this.#settings, { reads: true, device: this.#watch.device });
    this.#gpmd = gpmd;
    gpmd.closed.then(() => this.#lost());
    return gpmd;
  }

  /** Publishes the file, unless the same bytes are published already. */
  update(): Promise<void> {
    const updated = this.#tail.then(() => this.#update());
    this.#tail = updated.catch(() => {});
    return updated;
  }

  /** Removes the development version and disconnects. */
  async remove(): Promise<void> {
    await this.#tail;
    const gpmd = this.#gpmd;
    // If GPMD is gone, so is the version.
    if (gpmd === undefined) return;
    try {
      if (this.#published === undefined) return;
      const { name, version } = this.#published;
      await gpmd.remove(name, version);
      note(`Removed ${name}@${version}`);
    } finally {
      await gpmd.close();
    }
  }

  async #update(): Promise<void> {
    const { path, name, version, json } = this.#watch;
    // Read as a whole, so that the same bytes are hashed and sent, whatever a compiler does meanwhile.
    const module = await readRegularFile(path, { action: "upload", limit: MAX_MODULE_SIZE });
    const before = this.#published;
    if (this.#gpmd !== undefined && await sha256(module) === before?.hash) return;
    const gpmd = await this.connect();
    const versions = (await gpmd.list()).find((one) => one.name === name)?.versions ?? [];
    // A version that went away with GPMD is not used again: nodes may know it with other bytes.
    const known = before === undefined ? versions : [...versions, before.version];
    const wanted = developmentVersion(known, version);
    const now = await gpmd.upload({ name, version: wanted, module, temporary: true });
    this.#published = now;
    const warnings = await warningsOf(gpmd, now);
    if (json) print(JSON.stringify(withUnits({ ...now, warnings })));
    else say(`Uploaded ${name}@${now.version}, ${formatSize(now.size)}`);
    if (!json && warnings.join() !== this.#warned) { for (const warning of warnings) warn(warning); }
    this.#warned = warnings.join();
    // Only once the new one is there, so that every call finds one of them.
    if (before !== undefined && versions.includes(before.version)) await gpmd.remove(name, before.version);
  }

  /** Called when GPMD is gone, and the version with it: publishes it again as soon as GPMD is back. */
  async #lost(): Promise<void> {
    this.#gpmd = undefined;
    if (this.#stopping.aborted || this.#published === undefined) return;
    note("GPMD is gone; the development version is published again when it is back.");
    for (let wait = FIRST_RETRY;; wait = Math.min(wait * 2, LONGEST_RETRY)) {
      await pause(wait, this.#stopping);
      if (this.#stopping.aborted || this.#gpmd !== undefined) return;
      try {
        return await this.update();
      } catch (error) {
        if (!(error instanceof GhostError)) throw error;
        if (AWAY.has(error.code)) continue;
        return complainOf(error, "gpmd"); // the next change of the file tries again
      }
    }
  }
}

/** The errors of a GPMD that is not there, or not yet. */
const AWAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["GPMD_NOT_RUNNING", "CONNECTION_LOST"]);

/** Whether `action` succeeded; prints its error if it is a `GhostError`. */
async function reporting(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
    complainOf(error, "gpmd");
    return false;
  }
}

async function changesOf(path: string): Promise<FileChanges> {
  try {
    // If the path is a link, it is the target that changes.
    return new FileChanges(await Deno.realPath(path).catch(() => path));
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", `watch the directory of ${quotedPath(path)}`, error);
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
