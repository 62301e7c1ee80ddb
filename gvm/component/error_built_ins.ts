import type { CanonicalContext } from "./canonical_context.ts";
import type { ComponentInstance } from "./component_instance.ts";
import { ErrorContext } from "./copy_ends.ts";
import type { CoreFunction } from "./promise_integration.ts";
import { loadString, storeString } from "./strings.ts";
import { trap } from "./trap.ts";

/** Longest message of an error context that is kept, in UTF-16 units; the specification lets a host shorten them. */
const MAX_MESSAGE = 256;

/** The built-in functions of one instance for error contexts (Canonical ABI, "Canonical Definitions"). */
export class ErrorBuiltIns {
  constructor(readonly instance: ComponentInstance) {}

  new(context: CanonicalContext): CoreFunction {
    return (pointer: number, length: number) => {
      this.instance.checkLeave();
      context.begin();
      const { store } = this.instance;
      const { left } = store;
      const message = loadString(context, pointer >>> 0, length >>> 0);
      store.left = left;
      return this.instance.handles.add(new ErrorContext(shortened(message)));
    };
  }

  debugMessage(context: CanonicalContext): CoreFunction {
    return (index: number, at: number) => {
      this.instance.checkLeave();
      const { message } = this.#error(this.instance.handles.get(index), index);
      context.begin();
      context.check(at >>> 0, 8, 4);
      const length = storeString(context, message);
      context.view.setUint32(at >>> 0, context.pointer, true);
      context.view.setUint32((at >>> 0) + 4, length, true);
    };
  }

  drop(): CoreFunction {
    return (index: number) => {
      this.instance.checkLeave();
      this.#error(this.instance.handles.remove(index), index);
    };
  }

  #error(entry: object, index: number): ErrorContext {
    return entry instanceof ErrorContext ? entry : trap(`handle index ${index} is not an error context`);
  }
}

/** `message`, or the beginning of a long one, which does not keep the rest. */
function shortened(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  return decoder.decode(encoder.encode(message.slice(0, MAX_MESSAGE).toWellFormed()));
}

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
