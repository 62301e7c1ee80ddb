import { ERRNO_NAMES } from "../../components/filesystem/error_code.ts";
import type { HostInterface } from "../../../component/host.ts";
import { MAX_PIECE } from "../../host/streams.ts";
import type { Waits } from "../../host/waits.ts";
import type { Context } from "../../components/context.ts";
import type { Result } from "../../components/result.ts";
import type { Pollable } from "./pollable.ts";
import { type IoError, type StreamError, streamResult } from "./stream_error.ts";
import type { InputStream, OutputStream } from "./streams.ts";

/** Most pollables of one `poll`: as many subscriptions as preview 1 takes. */
const MAX_POLLABLES = 2048;

/** The result of an operation on a stream. */
type StreamResult<T> = Result<T, StreamError> | Promise<Result<T, StreamError>>;

/** The interfaces of `wasi:io` by their names in the package. */
export function ioInterfaces(context: Context): Record<string, HostInterface> {
  return { error: ioError(), poll: ioPoll(context), streams: ioStreams(context) };
}

/** The interface `wasi:io/error`. */
function ioError(): HostInterface {
  return {
    functions: {
      "[method]error.to-debug-string": ({ errno }: IoError): string =>
        ERRNO_NAMES.get(errno) ?? `errno ${errno}`,
    },
    resources: { error: {} },
  };
}

/** The interface `wasi:io/poll`. */
function ioPoll({ waits }: Context): HostInterface {
  const block = (pollables: readonly Pollable[]): Promise<void> =>
    waits.run(async (signal) => {
      const isReady = () => pollables.some((pollable) => pollable.isReady());
      do await Promise.race(pollables.map((pollable) => pollable.wait(signal))); while (!isReady());
    });
  const ready = (pollables: readonly Pollable[]): Uint32Array =>
    Uint32Array.from(
      pollables.flatMap((pollable, index) => pollable.isReady() ? [index] : []),
    );
  return {
    functions: {
      "[method]pollable.ready": (pollable: Pollable): boolean | Promise<boolean> =>
        arriving([pollable], waits, () => pollable.isReady()),
      "[method]pollable.block": (pollable: Pollable): void | Promise<void> =>
        pollable.isReady() ? undefined : block([pollable]),
      poll: (pollables: readonly Pollable[]): Uint32Array | Promise<Uint32Array> => {
        if (pollables.length === 0 || pollables.length > MAX_POLLABLES) {
          throw new Error(`poll takes from 1 to ${MAX_POLLABLES} pollables, not ${pollables.length}`);
        }
        return pollables.some((one) => one.isReady())
          ? arriving(pollables, waits, () => ready(pollables))
          : block(pollables).then(() => ready(pollables));
      },
    },
    resources: { pollable: {} },
    waits: new Set(["[method]pollable.ready", "[method]pollable.block", "poll"]),
  };
}

/** Runs `then`, which does not wait for `pollables`, once what only arrives while the guest waits could have arrived. */
function arriving<T>(pollables: readonly Pollable[], waits: Waits, then: () => T): T | Promise<T> {
  return pollables.some((one) => one.arrives && !one.isReady()) ? waits.afterTurn(then) : then();
}

/** The interface `wasi:io/streams`. */
function ioStreams({ waits }: Context): HostInterface {
  /** Runs `then` once `pollable` has happened. */
  function whenReady<T>(pollable: Pollable, then: () => T | Promise<T>): T | Promise<T> {
    return pollable.isReady() ? then() : waits.run((signal) => pollable.wait(signal)).then(then);
  }

  function read(stream: InputStream, length: bigint): Uint8Array {
    return stream.read(atMost(length));
  }

  /** Moves up to `length` bytes; those that are read are always written. */
  function splice(target: OutputStream, source: InputStream, length: bigint): bigint {
    const bytes = source.read(Math.min(atMost(length), target.room()));
    target.write(bytes);
    return BigInt(bytes.length);
  }

  return {
    functions: {
      "[method]input-stream.read": (stream: InputStream, length: bigint): StreamResult<Uint8Array> =>
        streamResult(() => arriving([stream], waits, () => read(stream, length))),
      "[method]input-stream.blocking-read": (stream: InputStream, length: bigint): StreamResult<Uint8Array> =>
        streamResult(() => whenReady(stream, () => read(stream, length))),
      "[method]input-stream.skip": (stream: InputStream, length: bigint): StreamResult<bigint> =>
        streamResult(() => arriving([stream], waits, () => BigInt(read(stream, length).length))),
      "[method]input-stream.blocking-skip": (stream: InputStream, length: bigint): StreamResult<bigint> =>
        streamResult(() => whenReady(stream, () => BigInt(read(stream, length).length))),
      "[method]input-stream.subscribe": asPollable,

      "[method]output-stream.check-write": (stream: OutputStream): StreamResult<bigint> =>
        streamResult(() => BigInt(stream.room())),
      "[method]output-stream.write": (stream: OutputStream, bytes: Uint8Array): StreamResult<void> =>
        streamResult(() => write(stream, bytes)),
      "[method]output-stream.blocking-write-and-flush": (
        stream: OutputStream,
        bytes: Uint8Array,
      ): StreamResult<void> => streamResult(() => stream.writeAll(bytes)),
      "[method]output-stream.flush": (stream: OutputStream): StreamResult<void> =>
        streamResult(() => void stream.room()),
      "[method]output-stream.blocking-flush": (stream: OutputStream): StreamResult<void> =>
        streamResult(() => whenReady(stream, () => void stream.room())),
      "[method]output-stream.subscribe": asPollable,
      "[method]output-stream.write-zeroes": (stream: OutputStream, length: bigint): StreamResult<void> =>
        streamResult(() => write(stream, zeroes(length))),
      "[method]output-stream.blocking-write-zeroes-and-flush": (
        stream: OutputStream,
        length: bigint,
      ): StreamResult<void> => streamResult(() => stream.writeAll(zeroes(length))),
      "[method]output-stream.splice": (
        target: OutputStream,
        source: InputStream,
        length: bigint,
      ): StreamResult<bigint> =>
        streamResult(() => arriving([source], waits, () => splice(target, source, length))),
      "[method]output-stream.blocking-splice": (
        target: OutputStream,
        source: InputStream,
        length: bigint,
      ): StreamResult<bigint> =>
        streamResult(() => whenReady(source, () => whenReady(target, () => splice(target, source, length)))),
    },
    resources: {
      "input-stream": { drop: (stream: object) => (stream as InputStream).close?.() },
      "output-stream": { drop: (stream: object) => (stream as OutputStream).close?.() },
    },
    waits: new Set([
      "[method]input-stream.read",
      "[method]input-stream.blocking-read",
      "[method]input-stream.skip",
      "[method]input-stream.blocking-skip",
      "[method]output-stream.blocking-write-and-flush",
      "[method]output-stream.blocking-flush",
      "[method]output-stream.blocking-write-zeroes-and-flush",
      "[method]output-stream.splice",
      "[method]output-stream.blocking-splice",
    ]),
  };
}

/** What a stream is waited for by; not the stream itself, which has a life of its own. */
function asPollable(stream: Pollable): Pollable {
  const { arrives = false } = stream;
  return { arrives, isReady: () => stream.isReady(), wait: (signal) => stream.wait(signal) };
}

/** Writes as much as `check-write` permits; more ends the guest, as the specification says. */
function write(stream: OutputStream, bytes: Uint8Array): void {
  const room = stream.room();
  if (bytes.length > room) {
    throw new Error(`it wrote ${bytes.length} bytes where check-write permits ${room}`);
  }
  stream.write(bytes);
}

/** `length`, or as many bytes as move at a time. */
function atMost(length: bigint): number {
  return length > MAX_PIECE ? MAX_PIECE : Number(length);
}

/** So many zeroes; more than one may write at a time ends the guest, as the specification says. */
function zeroes(length: bigint): Uint8Array {
  if (length > MAX_PIECE) throw new Error(`it wrote ${length} zeroes where check-write permits ${MAX_PIECE}`);
  return new Uint8Array(Number(length));
}
