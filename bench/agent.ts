/**
 * An agent: a process that the bench starts and tells, line by line, what to do. A request is a JSON array, the name of an
 * action and its arguments; the answer is a JSON array of numbers, or a string that says what went wrong. Both are Erlang
 * terms too, so that an agent can be written in Erlang.
 */

/** What an action is given. */
export type Argument = string | number;

/** What an agent can do, by name. */
type Actions = Record<string, (...given: Argument[]) => Promise<ArrayLike<number> | void>>;

/** Does as told until standard input ends, then ends the process. */
export async function serveActions(actions: Actions): Promise<void> {
  const lines = Deno.stdin.readable.pipeThrough(
    new TextDecoderStream() as TransformStream<Uint8Array, string>,
  );
  let text = "";
  for await (const chunk of lines) {
    const complete = (text + chunk).split("\n");
    text = complete.pop()!;
    for (const line of complete) {
      const [action, ...given] = JSON.parse(line) as [string, ...Argument[]];
      answer(await actions[action]!(...given).then((numbers) => Array.from(numbers ?? []), String));
    }
  }
  Deno.exit(0);
}

function answer(value: string | number[]): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}

/** Microseconds of each of `count` calls, one after the other. */
export async function timeInSequence(
  count: Argument,
  call: (index: number) => Promise<unknown>,
): Promise<Float64Array> {
  const times = new Float64Array(Number(count));
  for (let i = 0; i < times.length; i++) {
    const start = performance.now();
    await call(i);
    times[i] = (performance.now() - start) * 1000;
  }
  return times;
}

/** Calls a second of `callers` that make `count` calls each, one after the other. */
export async function rateOf(
  callers: Argument,
  count: Argument,
  call: (index: number) => Promise<unknown>,
): Promise<[number]> {
  const one = async () => {
    for (let i = 0; i < Number(count); i++) await call(i);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: Number(callers) }, one));
  return [Number(callers) * Number(count) / (performance.now() - start) * 1000];
}
