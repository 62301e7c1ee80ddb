/** What the tests of `gvm run` share. */
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { commandLine, type Outcome, ROOT, runCommand } from "../../tools/commands.ts";
import { readModule } from "../../tools/network.ts";

/** A daemon with the modules that these tests run. */
export async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of ["math", "greet", "counter", "program"]) {
    await gpmd.upload({ name, version: "v0.0.1", module: readModule(name) });
  }
  const wordcount = Deno.readFileSync(`${ROOT}examples/wordcount/wordcount.wasm`);
  await gpmd.upload({ name: "wordcount", version: "v0.0.1", module: wordcount });
  return daemon;
}

/** `gvm run` to its end. */
export function run(
  { env }: Pick<TestDaemon, "env">,
  args: readonly string[],
  stdin?: string,
): Promise<Outcome> {
  return runCommand("gvm", ["run", ...args], stdin === undefined ? { env } : { env, stdin });
}

/** `gvm run` with pipes, under way. */
export function start({ env }: TestDaemon, ...args: string[]): Deno.ChildProcess {
  const [program, ...rest] = commandLine("gvm", ["run", ...args]);
  return new Deno.Command(program, {
    args: rest,
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a script of a shell, in which `GVM_RUN` is `gvm run`. */
export async function shell({ env }: Pick<TestDaemon, "env">, script: string): Promise<Outcome> {
  const gvm = commandLine("gvm", ["run"]).map((word) => `'${word}'`).join(" ");
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script.replaceAll("GVM_RUN", gvm)],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
