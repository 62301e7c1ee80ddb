import { head } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag, LARGE_REPLY_CAP } from "../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import type { ModuleStore, StoredModule } from "../store/module_store.ts";
import type { Semaphore } from "../../gmp/async/semaphore.ts";

/** Bytes of a module that are read and sent at a time. */
const CHUNK = 1 << 18;
/** Parts that are read at once, for all connections: thousands would keep a small request waiting for seconds. */
export const MAX_READS = 4;
/** Bytes of a module that fit into a REPLY as base64, beside its other fields. */
const MAX_BASE64_SIZE = Math.floor((LARGE_REPLY_CAP - 4096) / 4) * 3;

/** The answer to `module.list` (docs/protocol.md, "At GPMD: port 5989, for nodes"). */
export function listModules(store: ModuleStore): Reply<"module.list"> {
  return { modules: store.list() };
}

/**
 * Answers the `module.get` requests of one connection one at a time, so that a side that reads slowly, or not at all,
 * costs no more when it asks for many modules.
 */
export class ModuleSender {
  readonly #store: ModuleStore;
  readonly #reads: Semaphore;
  #tail: Promise<unknown> = Promise.resolve();

  /** Sends modules of `store`; `reads` limits how many parts are read at once. */
  constructor(store: ModuleStore, reads: Semaphore) {
    this.#store = store;
    this.#reads = reads;
  }

  /**
   * Answers `request`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `PAYLOAD_TOO_LARGE` for base64, and the store's
   * errors for a damaged file.
   */
  send(wanted: ReceivedRequest<"module.get">, request: IncomingRequest): Promise<Reply<"module.get">> {
    const answer = this.#tail.then(() => this.#answer(wanted, request));
    this.#tail = answer.catch(() => {});
    return answer;
  }

  async #answer(
    { name, version: wanted, encoding, ifNoneMatch }: ReceivedRequest<"module.get">,
    request: IncomingRequest,
  ): Promise<Reply<"module.get">> {
    const { signal, channel } = request;
    signal.throwIfAborted();
    const stored = this.#store.get(name, wanted);
    using _ = stored.file;
    const { version, hash, size } = stored.module;
    const reply = { name, version, hash, size };
    if (ifNoneMatch === hash) return { ...reply, unchanged: true };
    if (encoding === "bytes") {
      await sendBytes(request, stored, reply, this.#reads);
      return reply;
    }
    if (size > MAX_BASE64_SIZE) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot send module "${name}" ${version}: its ${size} bytes are too many for base64; ask for the encoding "bytes"`,
      );
    }
    // Takes memory for this module only once the one before has left.
    await channel.outbox.taken();
    signal.throwIfAborted();
    return { ...reply, binary: await readBase64(stored) };
  }
}

/** Sends the reply, then the file, never faster than the other side reads. */
async function sendBytes(
  request: IncomingRequest,
  { module, file }: StoredModule,
  reply: Reply<"module.get">,
  reads: Semaphore,
): Promise<void> {
  head(request, "module.get", reply);
  const chunk = new Uint8Array(CHUNK);
  for (let sent = 0; sent < module.size;) {
    request.signal.throwIfAborted();
    const count = await reads.run(() => file.read(chunk.subarray(0, module.size - sent)));
    if (count === null) throw cutShort(module);
    sent += count;
    const more = sent < module.size ? Flag.MORE : 0;
    await request.send(chunk.subarray(0, count), more);
  }
}

async function readBase64({ module, file }: StoredModule): Promise<string> {
  const bytes = new Uint8Array(module.size);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw cutShort(module);
    filled += count;
  }
  return bytes.toBase64();
}

function cutShort({ name, version, size }: StoredModule["module"]): GhostError {
  const reason = `its file ended before all of the ${size} bytes were read`;
  return new GhostError("HASH_MISMATCH", `Cannot send module "${name}" ${version}: ${reason}`);
}
