/** The resources of a session as one side knows them: what stands for each, and the u32 handle that does on the wire. */
export interface ResourceTable {
  /** Whether `value` stands for a resource called `resource`, or once did. */
  knows(value: object, resource: string): boolean;
  /**
   * The handle of `value`, which goes to the other side: for good if it is given, else for the call.
   *
   * @throws {GhostError} `RESOURCE_GONE`, `TOO_MANY_REQUESTS` when there are too many.
   */
  handleOf(value: object, resource: string, isGiven: boolean): number;
  /** The handle was not sent, since something else did not fit: `value` was not given. */
  keep(value: object, handle: number): void;
  /**
   * What stands for the resource called `resource` with that handle, which has come: for good if it is given.
   *
   * @throws {GhostError} `RESOURCE_GONE` when there is no such handle, `BAD_REQUEST` when it is another resource's.
   */
  valueOf(handle: number, resource: string, isGiven: boolean): object;
  /** What came with the handle could not be read: `value` was not given. */
  putBack(value: object, handle: number, resource: string): void;
}
