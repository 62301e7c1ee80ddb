/** Callers that call without pause and check that each call ends as it must, and that none is executed twice. */
import { assert, assertEquals } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import type { GhostNode } from "../../gvm/node/ghost_node.ts";
import { within } from "../tools/commands.ts";

/** Where the state of the module `waits` begins: the first call of `next` gives one more. */
const BEGIN = 100;
/** Calls of one caller that are under way at once. */
const BATCH = ["next", "next", "sleep", "next", "sleep", "next"] as const;
/** Milliseconds that a `sleep` takes. */
const SLEEP = 3;
/** Milliseconds until the next attempt after a failure, as of a program that tries again. */
const PAUSE = 5;
/** Milliseconds in which every call must have ended, whatever happens. */
export const CALL_TIME = 15_000;

/** What callers have seen. */
export interface CallFigures {
  /** Calls that were made. */
  calls: number;
  /** Calls that failed, by the code of their error. */
  readonly failed: Map<string, number>;
  /** Sessions whose state was lost. */
  sessionsLost: number;
  /** How often each caller has had an answer of `next`. */
  readonly counted: number[];
  /** Milliseconds that the call took which took longest. */
  longest: number;
}

/** New figures. */
export function callFigures(): CallFigures {
  return { calls: 0, failed: new Map(), sessionsLost: 0, counted: [], longest: 0 };
}

/**
 * Calls `waits.next` and `waits.sleep` of one session until `stop`. As `next` counts the calls that its session has executed,
 * its results go up by one, and begin anew when the session was lost: were a lost call executed once more without being asked
 * for, one would be missing.
 */
export async function callWithoutPause(
  node: GhostNode,
  on: string | undefined,
  allowed: (error: GhostError) => boolean,
  figures: CallFigures,
  stop: AbortSignal,
): Promise<void> {
  let last = BEGIN;
  const caller = figures.counted.push(0) - 1;
  while (!stop.aborted) {
    let failed = false;
    const results = await Promise.all(BATCH.map(async (name) => {
      const began = performance.now();
      try {
        const args = name === "sleep" ? [SLEEP] : [];
        return {
          name,
          value: await within(CALL_TIME, `waits.${name}`, node.call(`waits.${name}`, args, { on })),
        };
      } catch (error) {
        if (!(error instanceof GhostError)) throw error;
        return { name, error };
      } finally {
        figures.calls++;
        figures.longest = Math.max(figures.longest, performance.now() - began);
      }
    }));
    for (const { name, value, error } of results) {
      if (error !== undefined) {
        const { code } = error;
        assert(allowed(error), `${name} on ${on} failed: ${Deno.inspect(error)}`);
        figures.failed.set(code, (figures.failed.get(code) ?? 0) + 1);
        failed = true;
      } else if (name === "next") {
        // Also when none failed: a session may be lost while none of its calls is under way.
        if (value === BEGIN + 1 && last !== BEGIN) {
          last = BEGIN;
          figures.sessionsLost++;
        }
        assertEquals(value, last + 1, `a call on ${on} was executed twice, or not at all`);
        last++;
        figures.counted[caller]!++;
      }
    }
    if (failed) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
