import { sha256 } from "../../../../gmp/wasm_format/sha256.ts";
import { type CompiledModule, compileModule } from "../../../../gvm/engine/compiled_module.ts";
import { DEFAULT_LIMITS } from "../../../../gvm/engine/execution_limits.ts";
import { instantiate } from "../../../../gvm/engine/instance.ts";
import { functionKey } from "../../../../gvm/engine/instantiate_component.ts";
import { MemoryBudget } from "../../../../gvm/engine/memory_budget.ts";
import { ExitStatus, type WasiOptions } from "../../../../gvm/wasi/mod.ts";
import type { GuestOptions, Outcome } from "../_guest.ts";

/** A component, and an instance of it that can wait. */
export async function loadGuest(bytes: Uint8Array<ArrayBuffer>, options: Partial<WasiOptions> = {}) {
  const identity = { name: "program", version: "v0.0.1", hash: await sha256([bytes], bytes.length) };
  const compiled = await compileModule(bytes, identity, DEFAULT_LIMITS);
  const sink = { write() {} };
  const guest = { args: ["program"], stdout: sink, stderr: sink, ...options };
  const budget = new MemoryBudget(DEFAULT_LIMITS, { whose: "the test" });
  return { compiled, instance: instantiate(compiled, guest, budget, { suspended() {}, resumed() {} }) };
}

/** Runs a component, as a program that can wait. */
export async function runComponent(
  bytes: Uint8Array<ArrayBuffer>,
  { onStart, ...options }: GuestOptions = {},
): Promise<Outcome> {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const { compiled, instance } = await loadGuest(bytes, {
    stdout: { write: (piece) => void stdout.push(piece.slice()) },
    ...options,
    stderr: { write: (piece) => void stderr.push(piece.slice()) },
  });
  onStart?.(instance);
  let code = 0;
  try {
    const { tag } = await instance.callable(runOf(compiled))() as { tag: string };
    code = tag === "ok" ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ExitStatus)) throw error;
    code = error.code;
  } finally {
    instance.memory.drop();
  }
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

/** The key of what a command exports to be run. */
function runOf({ component }: CompiledModule): string {
  const found = component?.functions.find((one) => one.interface?.startsWith("wasi:cli/run@"));
  if (found === undefined) throw new Error("It exports no wasi:cli/run");
  return functionKey(found.interface, found.name);
}

function text(chunks: Uint8Array[]): Promise<string> {
  return new Blob(chunks as Uint8Array<ArrayBuffer>[]).text();
}
