/**
 * Plays the transcripts of the project's documents with real processes: a daemon, uploads, two nodes that run `math` and
 * `greeter` on each other; then a second device, paired with the first by one line, whose node does the same. Both devices are on
 * loopback, with stores and ports of their own, so it disturbs nothing. Exits 0 only if every line was as expected.
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

/** The options with which a device's link is started: on loopback alone, at a port that the system chooses. */
const LINK = ["--link-port=0", "--link-networks=127.0.0.1"];

/** A device: its prompt, and where its store and ports are. */
class Device {
  readonly env: Readonly<Record<string, string>>;

  constructor(public prompt: string, store: string) {
    this.env = { GHOST_HOME: join(home, store), ...freePorts() };
  }
}

function freePorts(): { GHOST_COMMAND_PORT: string; GHOST_GMP_PORT: string } {
  const listen = () => Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using command = listen();
  using gmp = listen(); // while the other is held: they differ
  return { GHOST_COMMAND_PORT: `${command.addr.port}`, GHOST_GMP_PORT: `${gmp.addr.port}` };
}

function spawn(
  { env }: Device,
  command: "gpmd" | "gvm",
  args: readonly string[],
  stdin: "piped" | "null",
): Deno.ChildProcess {
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

  /** Takes lines, printing them, and compares each with what it must be; returns them. */
  async expect(expected: readonly Expected[]): Promise<string[]> {
    const taken: string[] = [];
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
      taken.push(line);
    }
    return taken;
  }
}

/** Runs a command to its end; the lines that were expected. */
async function command(
  device: Device,
  name: "gpmd" | "gvm",
  args: readonly string[],
  expected: readonly Expected[],
): Promise<string[]> {
  console.log(`${device.prompt}$: ${name} ${args.join(" ")}`);
  const child = spawn(device, name, args, "null");
  const complaints = new Response(child.stderr).text();
  const lines = new Lines(child.stdout);
  const taken = await lines.expect(expected);
  while (await lines.next() !== undefined);
  const { code } = await child.status;
  const text = await complaints;
  if (code !== 0) throw new Error(`${name} ${args.join(" ")} exited with ${code}: ${text}`);
  return taken;
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

  static async start(device: Device, name: string): Promise<Node> {
    console.log(`${device.prompt}$: gvm`);
    const child = spawn(device, "gvm", ["--name", name], "piped");
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

  /** Types a line again and again until the answer is `expected`: it takes a moment until other devices have told their nodes. */
  async await(line: string, expected: string): Promise<void> {
    console.log(`(${this.name}) > ${line}`);
    const giveUp = Date.now() + PATIENCE;
    for (;;) {
      await this.#input.write(new TextEncoder().encode(`${line}\n`));
      const answer = await this.#lines.next();
      if (answer === expected) break;
      if (answer === undefined || Date.now() > giveUp) throw new Error(`expected ${expected}, got ${answer}`);
    }
    console.log(expected);
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

const ID = new RegExp(`^ID:  ${UUID}$`);
const nodes: Node[] = [];

async function start(device: Device, name: string): Promise<Node> {
  const node = await Node.start(device, name);
  nodes.push(node);
  return node;
}

/** The documents of the two commands: one device. */
async function playOneDevice(device: Device): Promise<void> {
  console.log("--- GPMD ---\n");
  await command(device, "gpmd", ["start"], ["GPMD is running in the background."]);
  for (const name of ["math", "greeter"]) {
    const file = `--file=${join(ROOT, `examples/${name}/${name}.wasm`)}`;
    const upload = ["wasm", "upload", `--name=${name}`, "--version=v0.0.1", file];
    await command(device, "gpmd", upload, ["Module Uploaded Successfully!"]);
  }

  console.log("\n--- GVM ---\n");
  const here = await start(device, "node-5651");
  const there = await start(device, "node-8399");
  console.log();
  await here.type("Node.discover()", "node-5651,node-8399");
  await here.type("Node.connect(node-8399)", "node-8399");
  await here.type("Node.list()", "node-8399");
  await here.type("math", "Reponse from the math module...");
  await here.type("Node.run(node-8399, math)", ID, "Reponse from the math module...");
  await here.type("math.add(1,2)", "Adding Numbers From Wasm...", "", "3");
  await here.type("Node.run(node-8399,math.add(34,34))", ID, "Adding Numbers From Wasm...", "68");
  // Functions of a component take and give values of any type.
  await here.type('greeter.greet("Ada")', '"Hello, Ada!"');
  await here.type(
    'Node.run(node-8399, greeter.birthday({name: "Ada", age: 36, tags: ["x", "yz"], balance: 12.5}))',
    ID,
    '{name: "Ada", age: 37, tags: ["x", "yz"], balance: 25}',
  );
  // Both directions are usable after one connect.
  await there.type("Node.run(node-5651,math.add(2,3))", ID, "Adding Numbers From Wasm...", "5");
  await here.type("Node.disconnect(node-8399)", "Client disconnected.");
  await Promise.all(nodes.splice(0).map((node) => node.leave()));
}

/** Two devices: `laptop` has run all the while, and `pi` is new. */
async function playTwoDevices(laptop: Device, pi: Device): Promise<void> {
  console.log("\n--- TWO DEVICES ---\n");
  laptop.prompt = "laptop";
  // What `commands` gives, so that the pi may ask for the status.
  const invite = ["device", "invite", "--grant=*", "--grant=commands", ...LINK];
  const [code] = await command(laptop, "gpmd", invite, [/^ghost1-[0-9a-z]+-[0-9a-z]+@127\.0\.0\.1:\d+$/]);
  await command(pi, "gpmd", ["start"], ["GPMD is running in the background."]);
  const join = ["device", "join", code!, "--name=laptop", "--as=pi", ...LINK];
  await command(pi, "gpmd", join, ["Paired with laptop.", "laptop may do here: *, ship, modules"]);
  await start(laptop, "node-8399");
  const node = await start(pi, "node-1");
  console.log();
  await node.await("Node.discover()", "node-1,node-8399@laptop");
  await node.type("Node.connect(node-8399@laptop)", "node-8399@laptop");
  await node.type("Node.run(node-8399@laptop, math.add(34,34))", ID, "Adding Numbers From Wasm...", "68");
  for (const one of nodes.splice(0)) await one.leave();
  console.log();
  await command(pi, "gpmd", ["--device=laptop", "status"], [/^Pid +\d+$/]);
}

/** Why there is no second device, if libp2p cannot be fetched. */
async function whyAlone(): Promise<string | undefined> {
  const args = ["cache", "--quiet", "--lock=gpmd/link/deno.lock", "--frozen", "gpmd/link/main.ts"];
  const { success, stderr } = await new Deno.Command("deno", { args, cwd: ROOT }).output();
  return success ? undefined : new TextDecoder().decode(stderr).split("\n")[0];
}

const laptop = new Device("", "laptop");
const pi = new Device("pi", "pi");
let failure: unknown;
try {
  await playOneDevice(laptop);
  const reason = await whyAlone();
  if (reason === undefined) await playTwoDevices(laptop, pi);
  else console.log(`\nTwo devices are not shown, since the packages for that cannot be fetched: ${reason}`);
  console.log();
  if (reason === undefined) await command(pi, "gpmd", ["kill"], []);
  await command(laptop, "gpmd", ["kill"], []);
} catch (error) {
  failure = error;
  for (const node of nodes) node.kill();
  for (const device of [laptop, pi]) await spawn(device, "gpmd", ["kill"], "null").output();
}
await removeStores();
if (failure !== undefined) {
  console.error(`\nThe demo failed: ${failure instanceof Error ? failure.message : failure}`);
  Deno.exit(1);
}
console.log("\nEvery line was as expected.");

/** The links end with their GPMDs, a moment later, and may still write. */
async function removeStores(): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(home, { recursive: true });
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
