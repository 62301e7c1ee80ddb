/**
 * The process that installs or removes GPMD's service: it may write the directory of the service's file and run the
 * system's program for services, and nothing else (docs/security.md, "What each process may do"). It reads one line of
 * JSON from standard input and writes one to standard output.
 *
 * @module
 */

/** What it is asked for. */
export interface ServiceWork {
  /** The directory of the service's file, which is made if it is not there. */
  readonly directory: string;
  /** The file. */
  readonly path: string;
  /** What to write to it; to remove it, nothing. */
  readonly text?: string;
  /** Programs to run, each with its arguments: after the file is written, or before it is removed. */
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
  /** Programs to run when it was removed. */
  readonly afterwards: readonly (readonly [program: string, ...args: string[]])[];
}

/** What became of it: nothing more to say, or why not. */
export type ServiceReport = { readonly reason?: string };

/** Does the work that standard input describes. Returns the exit code. */
export async function runServiceProcess(): Promise<number> {
  const work: ServiceWork = JSON.parse(await new Response(Deno.stdin.readable).text());
  const reason = work.text === undefined ? await remove(work) : await install(work, work.text);
  const report: ServiceReport = reason === undefined ? {} : { reason };
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
  return reason === undefined ? 0 : 1;
}

/** Writes the file and has the system start the service; if that fails, what was there before is there again. */
async function install(
  { directory, path, commands }: ServiceWork,
  text: string,
): Promise<string | undefined> {
  try {
    await Deno.mkdir(directory, { recursive: true });
    const before = await textOf(path);
    await Deno.writeTextFile(path, text);
    const reason = await runAll(commands);
    if (reason === undefined) return undefined;
    if (before === undefined) await Deno.remove(path);
    else await Deno.writeTextFile(path, before);
    return reason;
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
}

async function remove({ path, commands, afterwards }: ServiceWork): Promise<string | undefined> {
  try {
    if (await textOf(path) === undefined) return "it is not installed";
    const reason = await runAll(commands);
    if (reason !== undefined) return reason;
    await Deno.remove(path);
    return await runAll(afterwards);
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs programs, one after the other; resolves to what the first that failed says. */
async function runAll(commands: ServiceWork["commands"]): Promise<string | undefined> {
  for (const [program, ...args] of commands) {
    const typed = [program, ...args].join(" ");
    try {
      const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
      const said = new TextDecoder().decode(stderr).trim().replaceAll("\n", "; ");
      if (!success) return `${typed} has failed${said === "" ? "" : `: ${said}`}`;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return `there is no ${program} on the PATH`;
      throw error;
    }
  }
  return undefined;
}

if (import.meta.main) Deno.exit(await runServiceProcess());
