import type { HostInterface } from "../../component/host.ts";
import { commonCli, interfaceOf } from "../components/cli.ts";
import type { Context } from "../components/context.ts";
import { StandardInput, StandardOutput } from "./io/standard_streams.ts";
import type { InputStream, OutputStream } from "./io/streams.ts";

/** The interfaces of `wasi:cli` that a guest imports, by their names in the package. */
export function cliInterfaces(context: Context): Record<string, HostInterface> {
  const { stdin, stdout, stderr, waits } = context;
  return {
    ...commonCli(context, "initial-cwd"),
    stdin: interfaceOf("get-stdin", (): InputStream => new StandardInput(stdin)),
    stdout: interfaceOf("get-stdout", (): OutputStream => new StandardOutput(stdout, waits)),
    stderr: interfaceOf("get-stderr", (): OutputStream => new StandardOutput(stderr, waits)),
  };
}
