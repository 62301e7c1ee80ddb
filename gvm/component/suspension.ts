/** Called around each wait of the guest, so that its caller knows when it has the thread. */
export interface Suspension {
  /** The guest gives the thread back. */
  readonly suspended: () => void;
  /** The guest continues, before anything else does. */
  readonly resumed: () => void;
}
