import { invalid } from "./scope.ts";

/**
 * Most definitions, and fields, cases, arguments and exports in them, that one instantiation runs, those of nested components each time
 * that they are instantiated: a file of a kilobyte can ask for millions. The largest of WASI 0.2's programs has 7,000.
 */
const MAX_DEFINITIONS = 100_000;

/** Counts the definitions of one instantiation. */
export class DefinitionBudget {
  #left = MAX_DEFINITIONS;

  /** Takes a definition with so many parts. @throws {GhostError} `NOT_A_MODULE` when there are too many. */
  take(parts: number): void {
    this.#left -= 1 + parts;
    if (this.#left < 0) {
      invalid(`it has more than ${MAX_DEFINITIONS} definitions and parts of them, nested instances included`);
    }
  }
}
