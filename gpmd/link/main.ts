/**
 * The link's process: it reaches the links of other devices. A keeper starts it with the permissions of
 * `link_command.ts` and no others, and hands it all it needs as the first line of its standard input. It writes one line of
 * JSON to standard output: when it serves, or when it cannot start. It ends with GPMD, and with its keeper.
 *
 * @module
 */
import { GhostError } from "../../gmp/errors.ts";
import { isDeviceName } from "../../gmp/names.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { LinkArguments } from "./link_command.ts";
import { LinkService } from "./link_service.ts";

/** The exit code of a link that cannot start, and has said why. */
const CANNOT_START = 3;
/** Milliseconds that other devices have to hear that this one leaves. */
const FAREWELL_TIME = 500;
/** What a device is called whose own name is no name. */
const NAMELESS = "device";

/** Serves until GPMD stops or standard input ends; returns the exit code. */
export async function runLink(): Promise<number> {
  const input = new InputLine(Deno.stdin.readable);
  const line = await input.first();
  if (line === undefined) return 0;
  input.ended.then(() => Deno.exit(0)); // the keeper has gone
  const { home, gmpPort, key, port, networks } = JSON.parse(line) as LinkArguments;
  let service: LinkService;
  try {
    const directory = `${home}/link`;
    await makeDirectory(directory);
    const deviceName = nameOfDevice(Deno.hostname());
    service = await LinkService.start({
      directory,
      deviceName,
      gmpPort,
      key: Uint8Array.fromHex(key),
      port,
      networks,
    });
  } catch (error) {
    const { code, message, details } = GhostError.from(error);
    report({ code, message, details });
    // Where GPMD has gone there is nothing to start again for.
    return code === "GPMD_NOT_RUNNING" || code === "UNAUTHENTICATED" ? 0 : CANNOT_START;
  }
  logUncaught(service);
  report({ pid: Deno.pid });
  await service.ended();
  await Promise.race([
    service[Symbol.asyncDispose](),
    new Promise((resolve) => setTimeout(resolve, FAREWELL_TIME)),
  ]);
  return 0;
}

/** The name under which a machine called `hostname` introduces itself: `Anna's MacBook.local` is `anna-s-macbook`. */
export function nameOfDevice(hostname: string): string {
  const first = hostname.toLowerCase().split(".")[0]!;
  const name = first.replaceAll(/[^a-z0-9_-]+/g, "-").replace(/^[-_]+/, "").slice(0, 64);
  return isDeviceName(name) ? name : NAMELESS;
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) {
      throw systemFault("STORE_FAULT", `make the directory "${path}"`, error);
    }
  }
}

function report(line: Record<string, unknown>): void {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  } catch {
    // Whoever started the keeper has gone.
  }
}

/** A fault of the link must not cost others their connections, so it is logged by GPMD and the link goes on. */
function logUncaught(service: LinkService): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    service.fault(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    service.fault(event.error);
  });
}

/** The first line of a stream, and its end. */
class InputLine {
  readonly #reader: ReadableStreamDefaultReader<string>;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  readonly #first = Promise.withResolvers<string | undefined>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .getReader();
    this.ended = this.#read();
  }

  /** The first line; nothing when the stream has ended before its end. */
  first(): Promise<string | undefined> {
    return this.#first.promise;
  }

  async #read(): Promise<void> {
    for (let text = "";;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      text += value;
      const end = text.indexOf("\n");
      if (end >= 0) this.#first.resolve(text.slice(0, end));
    }
    this.#first.resolve(undefined);
  }
}

if (import.meta.main) Deno.exit(await runLink());
