import type { HostInterface } from "../../component/host.ts";
import { ExitStatus } from "../host/exit_status.ts";
import type { Context } from "./context.ts";

/** A terminal that one of the streams is connected to; it can be asked nothing. */
class Terminal {}

/** An interface of one function. */
export function interfaceOf(name: string, get: () => unknown): HostInterface {
  return { functions: { [name]: get } };
}

/**
 * The interfaces of `wasi:cli` that 0.2 and 0.3 have alike, by their names in the package; 0.2 asks for the directory of the
 * start by another name, `cwd`, than 0.3.
 */
export function commonCli(context: Context, cwd: string): Record<string, HostInterface> {
  const { args, env = {}, stdin, stdout, stderr, waits } = context;
  /** Ends the guest, which may catch the error, but then every WASI function fails. */
  const exit = (code: number): never => {
    waits.abort(new ExitStatus(code));
    return waits.check() as never;
  };
  const terminal = (name: string, stream: { readonly isTerminal?: boolean }) =>
    interfaceOf(name, (): Terminal | undefined => stream.isTerminal ? new Terminal() : undefined);
  return {
    environment: {
      functions: {
        "get-environment": (): [string, string][] => Object.entries(env),
        "get-arguments": (): readonly string[] => args,
        [cwd]: (): undefined => undefined,
      },
    },
    exit: {
      functions: {
        exit: ({ tag }: { readonly tag: "ok" | "err" }): never => exit(tag === "ok" ? 0 : 1),
        "exit-with-code": (code: number): never => exit(code),
      },
    },
    "terminal-input": { functions: {}, resources: { "terminal-input": {} } },
    "terminal-output": { functions: {}, resources: { "terminal-output": {} } },
    "terminal-stdin": terminal("get-terminal-stdin", stdin),
    "terminal-stdout": terminal("get-terminal-stdout", stdout),
    "terminal-stderr": terminal("get-terminal-stderr", stderr),
  };
}
