/**
 * A function of the host: takes and returns JavaScript values as `component_types.ts` says; a WIT result always comes
 * back as `{ tag, val }`, also at the top. It may return a promise only if its interface lists it in `waits`.
 */
// deno-lint-ignore no-explicit-any -- the signature is the component's, known when it is linked
export type HostFunction = (...args: any[]) => unknown;

/** What a component imports as an instance, such as `"wasi:io/streams@0.2.3"`. */
export interface HostInterface {
  /** By WIT name: `"now"`, `"[method]input-stream.read"`, `"[static]…"`, `"[constructor]…"`. */
  readonly functions: Readonly<Record<string, HostFunction>>;
  /**
   * By name. An own or borrow handle reaches functions as the very object that the host gave out; `drop` is called when
   * the guest drops an own handle.
   */
  readonly resources?: Readonly<Record<string, HostResource>>;
  /** Names of functions that may return a promise: only they can suspend the guest (JSPI). */
  readonly waits?: ReadonlySet<string>;
}

/** A resource that the host implements. */
export interface HostResource {
  /** Called when the guest drops an own handle to `value`. */
  drop?(value: object): void;
}

/** Everything that the host provides to a component. */
export interface HostWorld {
  /** By name with its version; a component may import a compatible version (semantic versioning). */
  readonly interfaces: Readonly<Record<string, HostInterface>>;
  /** What the component's world imports by plain names. */
  readonly root?: HostInterface;
}
