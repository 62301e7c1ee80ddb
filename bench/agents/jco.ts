/** Components in this very process, by jco, whose specifier comes from the command line as that of Extism does. */
import { serveActions, timeInSequence } from "../agent.ts";
import { GREETER, greeterWith, timeCalls } from "../greeter_calls.ts";
import { largeModule } from "../large_module.ts";

interface Jco {
  $init: Promise<void>;
  generate(
    bytes: Uint8Array,
    options: Record<string, unknown>,
  ): { files: [name: string, bytes: Uint8Array][] };
}
type Greeter = Record<string, (argument: unknown) => unknown>;

const [specifier, directory] = Deno.args as [string, string];
const { $init, generate } = await import(specifier) as Jco;
await $init;
let made = 0;

async function open(bytes: Uint8Array<ArrayBuffer>): Promise<Greeter> {
  const folder = `${directory}/jco-${made++}`;
  Deno.mkdirSync(folder);
  const { files } = generate(bytes, { name: "greeter", noTypescript: true, noNodejsCompat: false });
  for (const [name, content] of files) Deno.writeFileSync(`${folder}/${name}`, content);
  const { greeter } = await import(`file://${folder}/greeter.js`) as { greeter: Greeter };
  return greeter;
}

const greeter = await open(GREETER);

serveActions({
  /** Microseconds of a call; see `timeCalls`. */
  call: (call, count, batch) => timeCalls((name) => greeter[name]!, call!, count!, batch!),
  /** Microseconds from a file's bytes to an instance, with `megabytes` MB more than it needs. */
  load: (megabytes, count) => {
    const bytes = megabytes === 0 ? GREETER : greeterWith(largeModule(Number(megabytes)));
    return timeInSequence(count!, () => open(bytes));
  },
});
