/**
 * Watches nodes come and go until Ctrl-C. It asks GPMD every second who is there, and connects to every newcomer, so that
 * it hears at once when one leaves or is lost.
 *
 *     deno run -P=gvm examples/watch.ts
 */
import { GhostError, GhostNode } from "@ghost/network";

/** Milliseconds between two questions. */
const INTERVAL = 1000;

const stop = Promise.withResolvers<"stop">();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => stop.resolve("stop"));
}

function tell(text: string): void {
  console.log(`${new Date().toISOString()} ${text}`);
}

try {
  await using node = await GhostNode.start();
  const present = new Set<string>([node.name]);
  const gone = (name: string, how: string): void => {
    if (present.delete(name)) tell(`- ${name} ${how}`);
  };
  node.on("disconnect", ({ name, error }) => gone(name, error === undefined ? "left" : "was lost"));
  node.on("gpmd", ({ state }) => tell(state === "lost" ? "GPMD is gone" : "GPMD is back"));

  const look = async (): Promise<void> => {
    const names = await node.discover();
    for (const name of names) {
      if (present.has(name)) continue;
      present.add(name);
      tell(`+ ${name}`);
      // One that denies the connection is missed at the next look only.
      node.connect(name).catch(() => {});
    }
    for (const name of present) if (!names.includes(name)) gone(name, "is not registered any more");
  };

  tell(`watching as ${node.name}`);
  do {
    // While GPMD is away nobody can be looked for; the nodes that are connected stay connected.
    await look().catch(() => {});
  } while (await Promise.race([stop.promise, pause(INTERVAL)]) !== "stop");
} catch (error) {
  const { code, message } = GhostError.from(error);
  console.error(`${code}: ${message}`);
  Deno.exitCode = 1;
}

function pause(milliseconds: number): Promise<void> {
  // The node keeps the program alive; the timer must not, once the node is closed.
  return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, milliseconds)));
}
