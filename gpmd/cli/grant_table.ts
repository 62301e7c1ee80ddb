import { note } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { writeDuration, writeSize } from "../../gmp/command/quantities.ts";
import { printTable } from "../../gmp/command/table.ts";
import type { Grant } from "../../gmp/messages/grants.ts";
import type { ChangedGrants } from "../client/client_types.ts";
import { printResult } from "./json.ts";
import { JSON_OUTPUT } from "./options.ts";

/** Prints grants, each on a line, in the order of WHO and then as they were given. */
export function printGrants(grants: readonly Grant[]): void {
  const rows = grants.toSorted((one, other) =>
    one.subject < other.subject ? -1 : one.subject > other.subject ? 1 : 0
  )
    .map(({ subject, what, time, memory }) => [
      subject,
      what,
      time === undefined ? "" : writeDuration(time),
      memory === undefined ? "" : writeSize(memory),
    ]);
  printTable(["WHO", "WHAT", "TIME", "MEMORY"], rows);
}

/** Prints what `subject` may do after a change. Returns the exit code: 1 if a node has not confirmed it. */
export function printChange(
  invocation: Invocation,
  subject: string,
  { grants, unconfirmed }: ChangedGrants,
): number {
  if (invocation.has(JSON_OUTPUT)) printResult({ grants, unconfirmed });
  else if (grants.length > 0) printGrants(grants);
  else note(`Nothing is granted to ${subject} any more.`);
  if (unconfirmed.length === 0) return 0;
  note(
    `The change is saved, but ${
      unconfirmed.join(", ")
    } did not confirm it within 2 seconds, and may still go by ` +
      "what was granted before",
  );
  return 1;
}
