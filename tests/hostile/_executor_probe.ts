/**
 * Runs with an executor's flags and says, as JSON, what it may do: the name of the error of each attempt, `"NotCached"`
 * for code that it may not fetch, or `"done"`.
 */

import { withoutStorage } from "../../gvm/executor/no_storage.ts";

/** What the probe is told. */
export interface ProbeArguments {
  /** Ports at which somebody listens: GPMD's two, the front door of the node, another executor. */
  readonly ports: Readonly<Record<string, number>>;
  /** A file that is there. */
  readonly file: string;
  /** A process that is there, of the same user. */
  readonly pid: number;
}

type Outcomes = Record<string, string>;

async function attempt(action: () => unknown): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    const { name, message } = error as Error;
    return message.includes("--cached-only") ? "NotCached" : name;
  }
}

function attempts({ ports, file, pid }: ProbeArguments): Record<string, () => unknown> {
  const hostname = "127.0.0.1";
  const dials = Object.entries(ports).map(([whose, port]) => [
    `dials ${whose}`,
    async () => (await Deno.connect({ hostname, port })).close(),
  ]);
  return {
    ...Object.fromEntries(dials),
    "dials its own port": async () => {
      using listener = Deno.listen({ hostname, port: 0 });
      (await Deno.connect({ hostname, port: listener.addr.port })).close();
    },
    "dials a port by its name": async () =>
      (await Deno.connect({ hostname: "localhost", port: ports.gpmd! })).close(),
    "dials another device": async () => (await Deno.connect({ hostname: "192.0.2.1", port: 80 })).close(),
    "dials with TLS": async () => (await Deno.connectTls({ hostname, port: ports.gpmd! })).close(),
    "dials a socket in the file system": async () =>
      (await Deno.connect({ transport: "unix", path: "/run/x" })).close(),
    "fetches": () => fetch(`http://${hostname}:${ports.gpmd}/`),
    "opens a WebSocket": () => new WebSocket(`ws://${hostname}:${ports.gpmd}/`),
    "dials as Node.js does": async () => {
      const { connect } = await import("node:net");
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      connect(ports.gpmd!, hostname, resolve).on("error", reject);
      await promise;
    },
    "resolves a name": () => Deno.resolveDns("example.com", "A"),
    "listens on a port that it chooses": () => Deno.listen({ hostname, port: 40_000 }).close(),
    "listens for other devices": () => Deno.listen({ hostname: "0.0.0.0", port: 0 }).close(),
    "listens in the file system": () => Deno.listen({ transport: "unix", path: "/tmp/x" }).close(),
    "reads a file": () => Deno.readTextFileSync(file),
    "reads a file as Node.js does": async () => (await import("node:fs")).readFileSync(file),
    "reads a directory": () => [...Deno.readDirSync("/")],
    "looks at a file": () => Deno.statSync(file),
    "asks where it is": () => Deno.cwd(),
    "writes a file": () => Deno.writeTextFileSync(file, "x"),
    "removes a file": () => Deno.removeSync(file),
    "makes a link": () => Deno.symlinkSync(file, `${file}.link`),
    "makes a temporary file": () => Deno.makeTempFileSync(),
    "runs a program": () => new Deno.Command("true").outputSync(),
    "runs itself": () => new Deno.Command(Deno.execPath()).outputSync(),
    "runs a program as Node.js does": async () => (await import("node:child_process")).execSync("true"),
    "sends a signal": () => Deno.kill(pid, "SIGCONT"),
    "reads a variable": () => Deno.env.get("HOME"),
    "reads a variable as Node.js does": async () => (await import("node:process")).default.env.HOME!.length,
    "lists the environment": () => Deno.env.toObject(),
    "sets a variable": () => Deno.env.set("X", "x"),
    "asks for the name of the device": () => Deno.hostname(),
    "asks for the user": () => Deno.uid(),
    "asks for the memory of the device": () => Deno.systemMemoryInfo(),
    "opens a library": () => Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {}),
    "imports a file": () => import(`file://${file}`),
    "imports code of another device": () => import(String("https://esm.sh/left-pad@1.3.0")),
    "imports a package": () => import(String("npm:ghost-network-has-no-such-package")),
    "keeps something": () => localStorage.setItem("key", "value"),
    "keeps something for a while": () => sessionStorage.setItem("key", "value"),
    "keeps a response": async () => {
      await (await caches.open("cache")).put("http://127.0.0.1/", new Response("value"));
    },
    "keeps something in a database": () => (Deno as unknown as { openKv(): unknown }).openKv(),
    "opens a database": async () => {
      const { DatabaseSync } = await import("node:sqlite");
      new DatabaseSync(`${file}.db`).exec("create table kept (value)");
    },
    "asks for a permission": async () => {
      for (const name of ["read", "write", "run", "env", "sys", "ffi", "net"] as const) {
        if ((await Deno.permissions.request({ name })).state === "granted") return;
      }
      throw new Deno.errors.NotCapable();
    },
  };
}

async function outcomesOf(given: ProbeArguments): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  for (const [what, action] of Object.entries(attempts(given))) outcomes[what] = await attempt(action);
  return outcomes;
}

if (import.meta.main) {
  const given = JSON.parse(Deno.args[0]!) as ProbeArguments;
  withoutStorage();
  // As an executor listens, which is all that it may.
  Deno.listen({ hostname: "127.0.0.1", port: 0 }).close();
  console.log(JSON.stringify(await outcomesOf(given)));
}
