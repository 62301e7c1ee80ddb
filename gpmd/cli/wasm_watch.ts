import { GhostError } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/settings.ts";
import { MAX_MODULE_SIZE } from "../module_index.ts";
import type { UploadedModule } from "../replies.ts";
import { connect } from "./connect.ts";
import { complain, print, printError } from "./console.ts";
import { developmentVersion } from "./development_version.ts";
import { FileChanges } from "./file_changes.ts";
import { formatSize } from "./format_size.ts";
import { openModuleFile } from "./module_file.ts";

/** What `gpmd wasm upload --watch` is asked for. */
export interface Watch {
  /** The module's file. */
  readonly path: string;
  /** The module's name. */
  readonly name: string;
  /** The version that the development versions lead to; by default the next patch. */
  readonly version: string | undefined;
  /** Prints each upload as a line of JSON. */
  readonly json: boolean;
}

/**
 * Uploads the file now and after every change, each time as a development version that takes the place of the one
 * before, and at SIGINT, SIGTERM or SIGHUP removes the last. An error is printed and the watch goes on.
 *
 * @throws {GhostError} as `GpmdClient.connect`, at the start; `BAD_ARGUMENTS` without the file's directory.
 */
export async function runWatch(watch: Watch, settings: Settings): Promise<number> {
  await (await connect(settings, true)).close(); // later GPMD may come and go
  using changes = await changesOf(watch.path);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = () => {
    for (const signal of signals) Deno.removeSignalListener(signal, stop); // the second one ends it at once
    changes.close();
  };
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  complain(`Watching "${watch.path}"; Ctrl-C ends it and removes the development version.`);
  const upload = new WatchedUpload(watch, settings);
  await reporting(() => upload.update());
  for await (const _ of changes) await reporting(() => upload.update());
  return await reporting(() => upload.remove()) ? 0 : 1;
}

/** The development version that a watch has published. */
class WatchedUpload {
  readonly #watch: Watch;
  readonly #settings: Settings;
  #published: UploadedModule | undefined;

  constructor(watch: Watch, settings: Settings) {
    this.#watch = watch;
    this.#settings = settings;
  }

  /** Publishes the file unless it has the same bytes as the last time. */
  async update(): Promise<void> {
    const { path, name, version, json } = this.#watch;
    // As a whole, so that the bytes that are hashed are those that are sent, whatever a compiler does meanwhile.
    const module = await readModuleFile(path);
    if (await sha256(module) === this.#published?.hash) return;
    // A connection for each: the daemon may have been started anew, and an hour may pass until the next.
    await using gpmd = await connect(this.#settings, true);
    const versions = (await gpmd.list()).find((one) => one.name === name)?.versions ?? [];
    const before = this.#published;
    const now = await gpmd.upload({ name, version: developmentVersion(versions, version), module });
    this.#published = now;
    print(json ? JSON.stringify(now) : `Uploaded ${name}@${now.version}, ${formatSize(now.size)}`);
    // After the new one is there, so that no call finds neither.
    if (before !== undefined && versions.includes(before.version)) await gpmd.remove(name, before.version);
  }

  /** Removes it. */
  async remove(): Promise<void> {
    if (this.#published === undefined) return;
    const { name, version } = this.#published;
    await using gpmd = await connect(this.#settings, true);
    await gpmd.remove(name, version);
    complain(`Removed ${name}@${version}`);
  }
}

/** Whether `action` succeeded; an error of the network or the module is printed. */
async function reporting(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
    printError(error.code, error.message);
    return false;
  }
}

async function changesOf(path: string): Promise<FileChanges> {
  try {
    // Where the path is a link, its target changes.
    return new FileChanges(await Deno.realPath(path).catch(() => path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const message = `Cannot watch "${path}": there is no such directory`;
    throw new GhostError("BAD_ARGUMENTS", message, { cause: error });
  }
}

async function readModuleFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  using file = await openModuleFile(path);
  const { size } = await file.stat();
  if (size > MAX_MODULE_SIZE) {
    const message = `Cannot upload "${path}": it has ${size} bytes, and a module may have ${MAX_MODULE_SIZE}`;
    throw new GhostError("PAYLOAD_TOO_LARGE", message);
  }
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
