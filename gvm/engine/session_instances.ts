import { AskedVersions } from "./asked_versions.ts";
import type { ModuleIdentity } from "./compiled_module.ts";
import { type FunctionCall, FunctionInstance, type InstanceTurns } from "./function_instance.ts";
import { MemoryBudget } from "./memory_budget.ts";
import type { ResolvedFunction } from "./resolved_functions.ts";
import type { SessionRoom } from "./session_room.ts";

/** What a session knows of its instances besides. */
interface InstanceUse {
  /** How the instance of that key gets its turn. */
  turnsOf(key: string): InstanceTurns;
  /** Whether a call has that instance, or waits for it, or goes on in it. */
  isUsed(key: string, instance: FunctionInstance): boolean;
}

/** The instances of one session, by the keys that functions of the same instance share. */
export class SessionInstances {
  readonly #instances = new Map<string, FunctionInstance>();
  /** Those that are prepared. */
  readonly #beingMade = new Map<string, Promise<void>>();
  readonly #asked = new AskedVersions();
  readonly #use: InstanceUse;
  readonly #room: SessionRoom;
  /** The same with less memory, by the bytes of it. */
  readonly #rooms = new Map<number, SessionRoom>();
  #isClosed = false;

  /** They take their memory from `room`. */
  constructor(room: SessionRoom, use: InstanceUse) {
    this.#room = room;
    this.#use = use;
  }

  /** The instance of that key, if it was made. */
  get(key: string): FunctionInstance | undefined {
    return this.#instances.get(key);
  }

  /** `found` was asked for, by its name alone if `byName`. */
  asked(found: ModuleIdentity, byName: boolean): void {
    this.#asked.add(found, byName);
  }

  /** Makes the instance for `resolved` and `call`; call `initialize` next. Throws as `FunctionInstance.create`. */
  make(resolved: ResolvedFunction, call: FunctionCall): FunctionInstance {
    const instance = this.#create(resolved, call);
    this.#instances.set(resolved.instanceKey, instance);
    return instance;
  }

  /** Makes the instance for `resolved` and initializes it, unless it exists or is being made. */
  async prepare(resolved: ResolvedFunction, call: FunctionCall): Promise<void> {
    const { instanceKey } = resolved;
    if (this.#instances.has(instanceKey)) return;
    let made = this.#beingMade.get(instanceKey);
    if (made === undefined) {
      made = this.#prepare(resolved, call).finally(() => this.#beingMade.delete(instanceKey));
      this.#beingMade.set(instanceKey, made);
    }
    await made;
  }

  /** Drops `instance`, which has that key. */
  drop(key: string, instance: FunctionInstance): void {
    instance.drop();
    if (this.#instances.get(key) === instance) this.#instances.delete(key);
  }

  /** Drops those for which `isMeant`. */
  dropWhere(isMeant: (key: string, instance: FunctionInstance) => boolean): void {
    for (const [key, instance] of this.#instances) {
      if (isMeant(key, instance)) this.drop(key, instance);
    }
  }

  /** Drops all, also one that is being prepared. */
  close(): void {
    this.#isClosed = true;
    this.dropWhere(() => true);
  }

  /** The room for what may have `limit` bytes of memory, together with all else under the same limit. */
  roomOf(limit: number | undefined): SessionRoom {
    if (limit === undefined) return this.#room;
    let room = this.#rooms.get(limit);
    if (room === undefined) {
      const { memory: parent, limits } = this.#room;
      const memory = new MemoryBudget({ ...limits, memory: limit }, { whose: "its caller's grant", parent });
      this.#rooms.set(limit, room = { ...this.#room, memory });
    }
    return room;
  }

  #create(
    { instanceKey, compiled, memory, provisions }: ResolvedFunction,
    call: FunctionCall,
  ): FunctionInstance {
    const room = this.roomOf(memory);
    this.#dropReplaced(room);
    return FunctionInstance.create(compiled, room, call, this.#use.turnsOf(instanceKey), provisions);
  }

  async #prepare(resolved: ResolvedFunction, call: FunctionCall): Promise<void> {
    const { instanceKey } = resolved;
    const instance = this.#create(resolved, call);
    try {
      await instance.initialize(call);
    } catch (error) {
      instance.drop();
      throw error;
    }
    // A call, which does not wait for this, may have made one; or the session has ended.
    if (this.#isClosed || this.#instances.has(instanceKey)) instance.drop();
    else this.#instances.set(instanceKey, instance);
  }

  /**
   * Drops instances that nobody uses now, of versions that newer ones have replaced, where half of the memory is taken: who
   * works on a module leaves one with each version that it publishes.
   */
  #dropReplaced({ memory }: SessionRoom): void {
    if (memory.room() * 2 >= memory.limits.memory) return;
    this.dropWhere((key, instance) =>
      this.#asked.isReplaced(instance.compiled) && !this.#use.isUsed(key, instance)
    );
  }
}
