/** Runs with the daemon's flags and says, as JSON, what it may do: the name of the error of each attempt, or `"done"`. */

/** What the probe needs to know. */
export interface ProbeArguments {
  home: string;
  commandPort: number;
  gmpPort: number;
  /** A port at which somebody listens. */
  foreignPort: number;
  /** The process that does. */
  foreignPid: number;
  /** A file that is there, outside of the store. */
  outside: string;
}

async function attempt(action: () => unknown): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    return (error as Error).name;
  }
}

if (import.meta.main) {
  const { home, commandPort, gmpPort, foreignPort, foreignPid, outside } = JSON.parse(
    Deno.args[0]!,
  ) as ProbeArguments;
  const hostname = "127.0.0.1";
  const attempts: Record<string, () => unknown> = {
    "writes to the store": () => Deno.writeTextFileSync(`${home}/probe`, "x"),
    "reads the store": () => Deno.readTextFileSync(`${home}/probe`),
    "listens on the port of commands": () => Deno.listen({ hostname, port: commandPort }).close(),
    "listens on the port of nodes": () => Deno.listen({ hostname, port: gmpPort }).close(),
    "reads another file": () => Deno.readTextFileSync(outside),
    "reads a file of the system": () => Deno.readTextFileSync("/etc/hosts"),
    "looks at the directory above": () => [...Deno.readDirSync(`${home}/..`)],
    "writes another file": () => Deno.writeTextFileSync(outside, "x"),
    "removes another file": () => Deno.removeSync(outside),
    "dials another port": async () => (await Deno.connect({ hostname, port: foreignPort })).close(),
    "dials another host": async () =>
      (await Deno.connect({ hostname: "127.0.0.2", port: commandPort })).close(),
    "listens on another port": () => Deno.listen({ hostname, port: 0 }).close(),
    "listens for other devices": () => Deno.listen({ hostname: "0.0.0.0", port: commandPort }).close(),
    "resolves a name": () => Deno.resolveDns("example.com", "A"),
    "fetches": () => fetch("https://example.com"),
    "runs a program": () => new Deno.Command("true").outputSync(),
    "runs itself": () => new Deno.Command(Deno.execPath()).outputSync(),
    "reads the environment": () => Deno.env.get("HOME"),
    "lists the environment": () => Deno.env.toObject(),
    "asks for the name of the device": () => Deno.hostname(),
    "sends a signal to a process": () => Deno.kill(foreignPid, "SIGCONT"),
    "opens a library": () => Deno.dlopen("/lib/libc.so", {}),
    "imports code": () => import(`file://${outside}`),
  };
  const outcomes: Record<string, string> = {};
  for (const [what, action] of Object.entries(attempts)) outcomes[what] = await attempt(action);
  console.log(JSON.stringify(outcomes));
}
