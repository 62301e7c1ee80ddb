import { GhostError } from "../../gmp/errors.ts";
import { giveBack } from "../../gmp/frames/give_back.ts";
import { inspectComponent } from "../../gmp/wasm_format/component/inspect_component.ts";
import { isComponent } from "../../gmp/wasm_format/header.ts";
import { readModuleInTurns } from "../../gmp/wasm_format/module_reader.ts";
import { checkName, checkVersion, isHash } from "../../gmp/names.ts";
import { createTemporaryFile, type TemporaryFile, tryRemove, writeAll } from "../../gmp/device/durable.ts";
import { storeFault } from "./_fault.ts";
import type { ModuleChecker } from "./module_checker.ts";
import { MAX_MODULE_SIZE } from "../../gmp/messages/module.ts";
import type { PublishedModule } from "./module_index.ts";

/** What an uploader announces with `module.put`, before the first byte. */
export interface ModuleAnnouncement {
  name: string;
  version: string;
  /** Bytes. */
  size: number;
  /** SHA-256, 64 hexadecimal digits in lower case. */
  hash: string;
  /** Whether it ends with the connection that uploads it. */
  temporary?: boolean;
}

/** The result of an upload. */
export interface Publication {
  module: PublishedModule;
  /** True when the same bytes had been published before. */
  unchanged: boolean;
}

/**
 * A module on its way into the store; `ModuleStore.begin` makes it. The bytes go to a temporary file, so it takes
 * hardly any memory until `commit`, which takes as much as the module.
 */
export class ModuleUpload {
  /** What the uploader announced. */
  readonly announcement: Readonly<ModuleAnnouncement>;
  readonly #temporaryFile: TemporaryFile;
  readonly #checker: ModuleChecker;
  readonly #publish: (upload: ModuleUpload) => Promise<Publication>;
  readonly #ended: (upload: ModuleUpload) => void;
  readonly #over = Promise.withResolvers<void>();
  #state: "receiving" | "committing" | "ended" = "receiving";
  #received = 0;

  private constructor(
    announcement: ModuleAnnouncement,
    temporaryFile: TemporaryFile,
    checker: ModuleChecker,
    publish: (upload: ModuleUpload) => Promise<Publication>,
    ended: (upload: ModuleUpload) => void,
  ) {
    this.announcement = announcement;
    this.#temporaryFile = temporaryFile;
    this.#checker = checker;
    this.#publish = publish;
    this.#ended = ended;
  }

  /** Makes the temporary file in `directory`. `commit` uses `checker`, then `publish`; `ended` is called at the end. */
  static async create(
    directory: string,
    announcement: ModuleAnnouncement,
    checker: ModuleChecker,
    publish: (upload: ModuleUpload) => Promise<Publication>,
    ended: (upload: ModuleUpload) => void,
  ): Promise<ModuleUpload> {
    return new ModuleUpload(announcement, await createTemporaryFile(directory), checker, publish, ended);
  }

  /** Resolves when it has ended, one way or another. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** The temporary file with the bytes. */
  get path(): string {
    return this.#temporaryFile.path;
  }

  /**
   * Takes the next bytes, which must not change until the promise is resolved; one `write` is under way at a time. An
   * error ends the upload.
   *
   * @throws {GhostError} `HASH_MISMATCH` for more bytes than announced, `STORE_FAULT` when the disk fails,
   * `BAD_REQUEST` when the upload has ended.
   */
  async write(chunk: Uint8Array): Promise<void> {
    this.#expectReceiving();
    try {
      this.#received += chunk.length;
      if (this.#received > this.announcement.size) this.#failSize("more");
      await writeAll(this.#temporaryFile.file, chunk);
    } catch (error) {
      await this.#end();
      throw storeFault(this.#action, error);
    }
  }

  /**
   * Checks what was received and publishes it. The upload has ended, whether this succeeds or not.
   *
   * @throws {GhostError} `HASH_MISMATCH` when size or hash are not as announced, `NOT_A_MODULE`, `VERSION_EXISTS` when
   * the version was published with other bytes, `PAYLOAD_TOO_LARGE` when the index has no room, `STORE_FAULT` when the
   * disk fails, `BAD_REQUEST` when the upload has ended.
   */
  async commit(): Promise<Publication> {
    this.#expectReceiving();
    this.#state = "committing";
    try {
      if (this.#received < this.announcement.size) this.#failSize("fewer");
      await this.#verify();
      return await this.#publish(this);
    } catch (error) {
      throw storeFault(this.#action, error);
    } finally {
      await this.#end();
    }
  }

  /** Drops the upload and removes its file. Does nothing once `commit` was called. */
  async abort(): Promise<void> {
    if (this.#state === "receiving") await this.#end();
  }

  /** Reads back what the disk has, makes sure that it stays there, and checks the hash and the module. */
  async #verify(): Promise<void> {
    // The sync takes as long as the checks do, and runs beside them.
    const checked = await Promise.allSettled([this.#check(), this.#temporaryFile.file.sync()]);
    for (const one of checked) if (one.status === "rejected") throw one.reason;
  }

  async #check(): Promise<void> {
    const { size, hash: announced } = this.announcement;
    const { hash, reason, bytes } = await this.#checker.check(this.#temporaryFile.path, size, announced);
    if (hash !== announced) {
      throw new GhostError(
        "HASH_MISMATCH",
        `Cannot ${this.#action}: the bytes have the hash ${hash}, not ${announced}`,
      );
    }
    if (isComponent(bytes)) return await this.#checkComponent(bytes);
    await readModuleInTurns(bytes); // has the best message for a file that is cut short or not a module at all
    accept(bytes, reason);
  }

  async #checkComponent(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { coreModules } = await inspectComponent(bytes);
    const checked = await this.#checker.checkParts(this.#temporaryFile.path, bytes, coreModules);
    accept(checked.bytes, checked.reason);
  }

  get #action(): string {
    return `upload module "${this.announcement.name}" ${this.announcement.version}`;
  }

  #expectReceiving(): void {
    if (this.#state === "receiving") return;
    throw new GhostError("BAD_REQUEST", `Cannot ${this.#action}: the upload has ended`);
  }

  #failSize(difference: string): never {
    throw new GhostError(
      "HASH_MISMATCH",
      `Cannot ${this.#action}: ${difference} than the announced ${this.announcement.size} bytes came`,
    );
  }

  async #end(): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#temporaryFile.file.close();
    await tryRemove(this.#temporaryFile.path); // it is gone already when it was published
    this.#ended(this);
    this.#over.resolve();
  }
}

/** Frees the memory of a module that was checked; `reason` is why the engine rejects it, if it does. */
function accept(bytes: Uint8Array<ArrayBuffer>, reason: string | undefined): void {
  giveBack(bytes);
  if (reason !== undefined) throw new GhostError("NOT_A_MODULE", `Cannot accept the module: ${reason}`);
}

/**
 * Returns `announcement`, with its version as it is stored, if it may be uploaded.
 *
 * @throws {GhostError} `INVALID_NAME`, `BAD_REQUEST` (size, hash), or `PAYLOAD_TOO_LARGE` above
 * {@linkcode MAX_MODULE_SIZE}.
 */
export function checkAnnouncement(announcement: ModuleAnnouncement): ModuleAnnouncement {
  const { size, hash, temporary = false } = announcement;
  const name = checkName(announcement.name, "module name");
  const version = checkVersion(announcement.version);
  const action = `upload module "${name}" ${version}`;
  if (!isHash(hash)) {
    throw new GhostError(
      "BAD_REQUEST",
      `Cannot ${action}: its hash is not a SHA-256 in lower-case hexadecimal`,
    );
  }
  if (!Number.isInteger(size) || size < 0) {
    throw new GhostError("BAD_REQUEST", `Cannot ${action}: its size is not a number of bytes`);
  }
  if (size > MAX_MODULE_SIZE) {
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot ${action}: it has ${size} bytes, and a module may have ${MAX_MODULE_SIZE}`,
    );
  }
  return { name, version, size, hash, temporary };
}
