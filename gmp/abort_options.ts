/** How to cancel something. */
export interface AbortOptions {
  /** Aborts it with `CANCELLED`. */
  signal?: AbortSignal;
}
