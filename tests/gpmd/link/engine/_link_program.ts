/**
 * A link in a process of its own, which may be in a network of its own: it reads commands as lines of JSON from standard
 * input, and writes answers and events as lines of JSON.
 */
import { TextLineStream } from "./_lines.ts";
import { request } from "../../../../gmp/channel/messages.ts";
import { LinkHost, type LinkHostOptions } from "../../../../gpmd/link/engine/link_host.ts";

/** What the program is told at its start. */
export type LinkProgramOptions = Pick<
  LinkHostOptions,
  "directory" | "deviceName" | "port" | "networks" | "discovery" | "relay"
>;

/** A command: `["invite"]`, `["join", CODE]`, `["ask", DEVICE]`, `["devices"]`, `["echo", DEVICE, BYTES]`. */
export type LinkCommand = readonly [name: string, ...words: (string | number)[]];

async function run(options: LinkProgramOptions): Promise<void> {
  const tell = (line: unknown) => console.log(JSON.stringify(line));
  await using host = await LinkHost.start({
    ...options,
    software: "test 1.0.0",
    handlers: () => ({ "node.discover": () => ({ names: [options.deviceName] }) }),
    onPipe: (_device, _token, { readable, writable }) => void readable.pipeTo(writable).catch(() => {}),
    events: {
      reachable: (device) =>
        tell({ event: "reachable", device, way: host.devices().find(({ name }) => name === device)?.way }),
      unreachable: (device) => tell({ event: "unreachable", device }),
      left: (device, reason) => tell({ event: "left", device, reason }),
      fault: (error) => tell({ event: "fault", message: error.message }),
    },
  });
  const commands: Record<string, (...words: never[]) => unknown> = {
    invite: async () => (await host.invite({ lifetime: 60_000 })).code,
    join: async (code: string) => (await host.join(code)).name,
    ask: async (device: string) => (await request(host.channel(device), "node.discover", {})).names,
    devices: () => host.devices(),
    echo: async (device: string, size: number) => {
      const { readable, writable } = await host.openPipe(device, new Uint8Array(16));
      const sent = ReadableStream.from([new Uint8Array(size)]).pipeTo(writable);
      const { byteLength } = await new Response(readable).arrayBuffer();
      await sent;
      return byteLength;
    },
  };
  for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    const [name, ...words] = JSON.parse(line) as LinkCommand;
    try {
      tell({ answer: await commands[name]!(...words as never[]) });
    } catch (error) {
      tell({ error: String(error) });
    }
  }
}

if (import.meta.main) {
  await run(JSON.parse(Deno.args[0]!));
  Deno.exit(0);
}
