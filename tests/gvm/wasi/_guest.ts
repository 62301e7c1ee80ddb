import { ExitStatus, Wasi, type WasiOptions } from "../../../gvm/wasi/mod.ts";

/** JavaScript Promise Integration, which TypeScript's library does not have yet. */
const PromiseIntegration = WebAssembly as unknown as {
  // deno-lint-ignore ban-types -- the specification takes any callable
  Suspending: new (callable: Function) => WebAssembly.ImportValue;
  promising(exported: WebAssembly.ExportValue): (...args: unknown[]) => Promise<unknown>;
};

/** What a guest left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What {@linkcode runGuest} gives a guest: everything but the streams that it collects itself. */
export type GuestOptions = Partial<Omit<WasiOptions, "stderr" | "blocking">> & {
  /** Given what ends the guest, before it starts. */
  readonly onStart?: (wasi: Pick<Wasi, "abort">) => void;
};

/** Runs `_start` of `module` as a program that can wait. */
export async function runGuest(module: WebAssembly.Module, options: GuestOptions = {}): Promise<Outcome> {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const wasi = new Wasi({
    args: ["program"],
    stdout: { write: (bytes) => void stdout.push(bytes.slice()) },
    ...options,
    stderr: { write: (bytes) => void stderr.push(bytes.slice()) },
  });
  const functions: WebAssembly.ModuleImports = {};
  for (const [name, call] of Object.entries(wasi.functions)) {
    functions[name] = Wasi.suspending.has(name) ? new PromiseIntegration.Suspending(call) : call;
  }
  const { exports } = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: functions });
  wasi.bind(exports.memory as WebAssembly.Memory);
  options.onStart?.(wasi);
  let code = 0;
  try {
    await PromiseIntegration.promising(exports._start!)();
  } catch (error) {
    if (!(error instanceof ExitStatus)) throw error;
    code = error.code;
  }
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

function text(chunks: Uint8Array[]): Promise<string> {
  return new Blob(chunks as Uint8Array<ArrayBuffer>[]).text();
}
