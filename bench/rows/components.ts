/** Components in the caller's process, against what jco generates. */
import type { Argument } from "../agent.ts";
import type { Row } from "../contest.ts";
import { JCO, startComponents, startJco } from "../peers/jco.ts";

interface Measure {
  readonly id: string;
  readonly title: string;
  readonly atMost: number;
  readonly given: readonly [action: string, ...Argument[]];
}

function row({ id, title, atMost, given: [action, ...given] }: Measure): Row {
  return {
    id,
    title,
    unit: "µs",
    targets: [{ than: "jco", atMost }],
    rounds: 9,
    warmUp: 2,
    contestants: async (arena) => {
      const [ghost, jco] = [await startComponents(arena), await startJco(arena)];
      return [
        { name: "ghost", measure: () => ghost.ask(action, ...given) },
        jco === undefined
          ? { name: "jco", missing: JCO }
          : { name: "jco", measure: () => jco.ask(action, ...given) },
      ];
    },
  };
}

/** A short string in and out. */
export const componentText: Row = row({
  id: "component-text",
  title: 'a component\'s greet("Ada")',
  atMost: 0.5,
  given: ["call", "text", 30, 1000],
});

/** A record in and out. */
export const componentRecord: Row = row({
  id: "component-record",
  title: "a component's function of a record of five fields that returns one",
  atMost: 0.7,
  given: ["call", "record", 30, 500],
});

/** A list of numbers. */
export const componentNumbers: Row = row({
  id: "component-numbers",
  title: "a component's function of a list<u32> of 1,000, as a typed array",
  atMost: 0.1,
  given: ["call", "numbers", 30, 300],
});

/** A list of bytes. */
export const componentBytes: Row = row({
  id: "component-bytes",
  title: "a component's function of a list<u8> of 1 MiB",
  atMost: 1,
  given: ["call", "bytes", 20, 20],
});

/** From the bytes of a small file to an instance. */
export const componentLoad: Row = row({
  id: "component-load",
  title: "a component of 6 kB from its bytes to an instance",
  atMost: 1,
  given: ["load", 0, 10],
});

/** From the bytes of a large file to an instance. */
export const componentLoadLarge: Row = row({
  id: "component-load-large",
  title: "a component of 12 MB from its bytes to an instance",
  atMost: 1,
  given: ["load", 12, 3],
});
