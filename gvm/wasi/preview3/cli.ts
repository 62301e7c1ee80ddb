import type { HostInterface } from "../../component/host.ts";
import { HostFuture } from "../../component/host_future.ts";
import { SourceStream, type StreamSource } from "../../component/host_streams.ts";
import { commonCli } from "../components/cli.ts";
import type { Context } from "../components/context.ts";
import { type InputSource, MAX_PIECE, type OutputSink } from "../host/streams.ts";
import type { Waits } from "../host/waits.ts";
import { DONE, receive, type SentByGuest } from "./streams.ts";

/** The interfaces of `wasi:cli` that a guest imports, by their names in the package. */
export function cliInterfaces(context: Context): Record<string, HostInterface> {
  const { stdin, stdout, stderr, waits } = context;
  const output = (sink: OutputSink): HostInterface => ({
    functions: {
      "write-via-stream": (data: SentByGuest): HostFuture =>
        receive(data, (bytes) => writePieces(sink, bytes, waits)),
    },
  });
  return {
    ...commonCli(context, "get-initial-cwd"),
    stdin: { functions: { "read-via-stream": () => readAll(stdin, waits) } },
    stdout: output(stdout),
    stderr: output(stderr),
    types: { functions: {} },
  };
}

/** The input as a stream, and a future of its end. */
function readAll(stdin: InputSource, waits: Waits): [SourceStream, HostFuture] {
  const end = new HostFuture();
  const source: StreamSource = {
    isReady: () => stdin.readable() !== undefined,
    read(most) {
      const piece = new Uint8Array(Math.min(most, MAX_PIECE));
      return piece.subarray(0, stdin.read(piece, false));
    },
    wait: (signal) => waits.run((ended) => stdin.wait(AbortSignal.any([signal, ended]))),
    close: () => end.settle(DONE),
  };
  return [new SourceStream(source), end];
}

/** Writes `bytes` piece by piece; the guest goes on meanwhile, so several outputs may ask for a pause at a time. */
function writePieces(sink: OutputSink, bytes: Uint8Array, waits: Waits): void | Promise<void> {
  waits.check();
  for (let at = 0; at < bytes.length; at += MAX_PIECE) {
    const asked = sink.write(bytes.subarray(at, at + MAX_PIECE));
    if (asked === undefined) continue;
    const rest = bytes.subarray(at + MAX_PIECE);
    const pause = waits.canWait ? waits.run(() => asked) : waits.pause(asked);
    if (pause !== undefined) return pause.then(() => writePieces(sink, rest, waits));
  }
}
