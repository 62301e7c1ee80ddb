import type { GhostError } from "../../gmp/errors.ts";
import { HostCall, type HostEnd } from "../component/host_call.ts";
import type { FunctionCall } from "./function_instance.ts";
import type { LimitedOutput } from "./output.ts";
import { trapOf } from "./trap.ts";
import { watchTime } from "./watch.ts";

/** A call whose streams and futures may go on after it has returned. */
export class StreamingCall extends HostCall {
  /** Its output so far. */
  output: LimitedOutput | undefined;
  /** Milliseconds for which the guest has computed for it since something passed, or since it returned. */
  used = 0;
  /** When it got the thread last, less what it had used. */
  since = 0;
  #hasReturned = false;
  #failure: GhostError | undefined;
  readonly #name: string;
  readonly #over: (call: StreamingCall) => void;

  /** A call of the function `name`; `over` is called when it has returned and the last of its streams has ended. */
  constructor(readonly call: FunctionCall, name: string, over: (call: StreamingCall) => void) {
    super();
    this.#name = name;
    this.#over = over;
  }

  /** It has returned: whether it goes on. */
  returned(): boolean {
    this.#hasReturned = true;
    return this.open > 0;
  }

  /** See {@linkcode HostCall.ended}. */
  override ended(end: HostEnd): void {
    super.ended(end);
    if (this.open > 0 || !this.#hasReturned) return;
    this.#over(this);
    if (this.#failure !== undefined) this.call.failed?.(this.#failure);
  }

  /** See {@linkcode HostCall.failing}. */
  override failing(reason: unknown): void {
    this.#failure ??= this.errorOf(reason);
  }

  /** See {@linkcode HostCall.passed}. */
  override passed(): void {
    this.used = 0;
    this.since = watchTime();
  }

  /** See {@linkcode HostCall.errorOf}. */
  override errorOf(reason: unknown): GhostError {
    return trapOf(reason, this.#name);
  }
}
