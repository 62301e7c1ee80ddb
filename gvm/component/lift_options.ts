import type { CanonicalContext, StringEncoding } from "./canonical_context.ts";
import type { CoreFunction } from "./promise_integration.ts";

/** How a function is lifted (Canonical ABI, "Canonical ABI Options"). */
export interface LiftOptions {
  readonly async: boolean;
  readonly encoding: StringEncoding;
  readonly memory: WebAssembly.Memory | undefined;
  readonly callback: CoreFunction | undefined;
  readonly postReturn: CoreFunction | undefined;
  /** Where its values are. */
  readonly context: CanonicalContext;
}
