/**
 * Plays the two transcripts of the project's documents with real processes: a daemon, an upload, two nodes that run `math`
 * on each other. It has a store and ports of its own, so it disturbs nothing. Exits 0 only if every line was as expected.
 *
 *     deno task demo
 */
import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
/** How long one line may be awaited, in milliseconds. */
const PATIENCE = 30_000;
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** What a line must be: itself, or a pattern for what differs from run to run. */
type Expected = string | RegExp;

const home = await Deno.makeTempDir({ prefix: "ghost-demo-" });
const env = { GHOST_HOME: join(home, "store"), ...freePorts() };

function freePorts(): { GHOST_COMMAND_PORT: string; GHOST_GMP_PORT: string } {
  const listen = () => Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using command = listen();
  using gmp = listen(); // while the other is held: they differ
  return { GHOST_COMMAND_PORT: `${command.addr.port}`, GHOST_GMP_PORT: `${gmp.addr.port}` };
}

function spawn(command: "gpmd" | "gvm", args: readonly string[], stdin: "piped" | "null"): Deno.ChildProcess {
  const run = ["run", "--quiet", "--no-prompt", `-P=${command}`, `${command}/main.ts`, ...args];
  return new Deno.Command("deno", { args: run, cwd: ROOT, env, stdin, stdout: "piped", stderr: "piped" })
    .spawn();
}

/** Lines of both of a process's streams, as they come. */
class Lines {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .getReader();
  }

  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += value;
    }
  }

  /** Takes lines, printing them, and compares each with what it must be. */
  async expect(expected: readonly Expected[]): Promise<void> {
    for (const one of expected) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<undefined>((resolve) =>
        timer = setTimeout(() => resolve(undefined), PATIENCE)
      );
      const line = await Promise.race([this.next(), late]);
      clearTimeout(timer);
      console.log(line ?? "");
      const fits = line !== undefined && (typeof one === "string" ? line === one : one.test(line));
      if (!fits) throw new Error(`expected ${one}, got ${JSON.stringify(line)}`);
    }
  }
}

/** Runs a command to its end. */
async function command(
  name: "gpmd" | "gvm",
  args: readonly string[],
  expected: readonly Expected[],
): Promise<void> {
  console.log(`$: ${name} ${args.join(" ")}`);
  const child = spawn(name, args, "null");
  const complaints = new Response(child.stderr).text();
  const lines = new Lines(child.stdout);
  await lines.expect(expected);
  while (await lines.next() !== undefined);
  const { code } = await child.status;
  const text = await complaints;
  if (code !== 0) throw new Error(`${name} ${args[0]} exited with ${code}: ${text}`);
}

/** A node that is driven line by line, as a person at its prompt would. */
class Node {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: Lines;

  private constructor(name: string, child: Deno.ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#lines = new Lines(child.stdout);
  }

  static async start(name: string): Promise<Node> {
    console.log("$: gvm");
    const child = spawn("gvm", ["--name", name], "piped");
    const node = new Node(name, child);
    // Without a terminal the greeting is talk, which belongs to standard error.
    await new Lines(child.stderr).expect([new RegExp(`^GVM has been created ${name} \\(${UUID}\\)$`)]);
    return node;
  }

  async type(line: string, ...expected: Expected[]): Promise<void> {
    console.log(`(${this.name}) > ${line}`);
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    await this.#lines.expect(expected);
  }

  async leave(): Promise<void> {
    await this.#input.close();
    const { code } = await this.#child.status;
    if (code !== 0) throw new Error(`${this.name} exited with ${code}`);
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

const nodes: Node[] = [];
let failure: unknown;
try {
  console.log("--- GPMD ---\n");
  await command("gpmd", ["start"], ["GPMD is running in the background."]);
  const upload = [
    "wasm",
    "upload",
    "--name=math",
    "--version=v0.0.1",
    `--file=${join(ROOT, "examples/math/math.wasm")}`,
  ];
  await command("gpmd", upload, ["Module Uploaded Successfully!"]);

  console.log("\n--- GVM ---\n");
  const here = await Node.start("node-5651");
  nodes.push(here);
  const there = await Node.start("node-8399");
  nodes.push(there);
  console.log();
  await here.type("Node.discover()", "node-5651,node-8399");
  await here.type("Node.connect(node-8399)", "node-8399");
  await here.type("Node.list()", "node-8399");
  await here.type("math", "Reponse from the math module...");
  const id = new RegExp(`^ID:  ${UUID}$`);
  await here.type("Node.run(node-8399, math)", id, "Reponse from the math module...");
  await here.type("math.add(1,2)", "Adding Numbers From Wasm...", "", "3");
  await here.type("Node.run(node-8399,math.add(34,34))", id, "Adding Numbers From Wasm...", "68");
  // Both directions are usable after one connect.
  await there.type("Node.run(node-5651,math.add(2,3))", id, "Adding Numbers From Wasm...", "5");
  await here.type("Node.disconnect(node-8399)", "Client disconnected.");
  for (const node of nodes.splice(0)) await node.leave();
  console.log();
  await command("gpmd", ["kill"], []);
} catch (error) {
  failure = error;
  for (const node of nodes) node.kill();
  await spawn("gpmd", ["kill"], "null").output();
}
await Deno.remove(home, { recursive: true });
if (failure !== undefined) {
  console.error(`\nThe demo failed: ${failure instanceof Error ? failure.message : failure}`);
  Deno.exit(1);
}
console.log("\nEvery line was as expected.");
