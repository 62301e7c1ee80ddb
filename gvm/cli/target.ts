import type { Invocation } from "../../gmp/command/program.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import type { Call, Expression, Run } from "../repl/language/syntax.ts";
import { ON } from "./options.ts";

/** What a line runs, and where. */
export interface Target {
  /** A node that is connected first, this node by default. */
  readonly on: string | undefined;
  /** The module or the function. */
  readonly target: Run | Call;
  /** Whether the line itself names the node, as `Node.run` does. */
  readonly isNamed: boolean;
}

/**
 * What the line of `gvm run` runs, `undefined` if it runs nothing.
 *
 * @throws {UsageError} for `--on` with a line that runs nothing, or that names a node itself.
 */
export function targetOf(expression: Expression, invocation: Invocation): Target | undefined {
  const on = invocation.get(ON);
  switch (expression.kind) {
    case "run":
    case "call":
      return { on, target: expression, isNamed: false };
    case "remote":
      if (on !== undefined) throw new UsageError("--on goes with a line that does not name a node itself");
      return { on: expression.node.text, target: expression.target, isNamed: true };
    default:
      if (on !== undefined) {
        throw new UsageError("--on goes with a module or a function, such as math.add(1,2)");
      }
      return undefined;
  }
}
