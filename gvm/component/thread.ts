import type { Task } from "./task.ts";

/** Most threads of all instances of a root component: each may hold a stack. */
export const MAX_THREADS = 4096;

/** A thread of a guest (Canonical ABI, "Threads"): it runs, is blocked until it is ready, or has ended. */
export class Thread {
  /** What `context.get` and `context.set` keep. */
  readonly storage: (number | bigint)[] = [0, 0];
  /** Whether cancellation may wake it. */
  cancellable = false;
  /** Its number in its instance. */
  index = 0;
  state: "new" | "running" | "blocked" | "ended" = "new";
  /** Whether it may go on, while it is blocked. */
  ready: () => boolean = NEVER;
  /** Continues it, while it is blocked. */
  wake: (cancelled: boolean) => void = () => {};
  /** Throws into its stack, while that is suspended. */
  unwind: ((error: unknown) => void) | undefined;
  /** Told when it blocks or ends, by whoever made it run. */
  settled: PromiseWithResolvers<void> | undefined;
  /** The thread to which it has given its turn, which whoever made it run has to run next. */
  next: Thread | undefined;

  constructor(readonly task: Task) {}

  /** Whether only another thread can make it go on. */
  get isSuspended(): boolean {
    return (this.state === "new" || this.state === "blocked") && this.ready === NEVER;
  }
}

/** What is `ready` of a thread that only another one can make go on. */
export const NEVER = (): boolean => false;
