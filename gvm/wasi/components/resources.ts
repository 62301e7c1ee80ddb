import type { HostFunction } from "../../component/host.ts";

/** A resource that has to be closed when the guest drops its handle to it. */
export const CLOSED_WHEN_DROPPED = { drop: (value: object): void => (value as { close(): void }).close() };

/** Methods of a resource that no guest ever gets, and so cannot call. */
export function methodsOf(resource: string, names: readonly string[]): Record<string, HostFunction> {
  const unreachable = () => {
    throw new Error(`there is no ${resource} to call this with`);
  };
  return Object.fromEntries(names.map((name) => [`[method]${resource}.${name}`, unreachable]));
}
