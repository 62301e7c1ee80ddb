import type { BuiltIn } from "../../gmp/wasm_format/component/component_reader.ts";
import type { ComponentInstance } from "./component_instance.ts";
import type { CoreFunction } from "./promise_integration.ts";
import { checkedHandle, handleOf, ResourceHandle, type ResourceType } from "./resources.ts";
import { trap } from "./trap.ts";

/** Makes a handle to a new resource (Canonical ABI, `canon resource.new`). */
export function resourceNew(instance: ComponentInstance, type: ResourceType): CoreFunction {
  return (representation: number) => {
    instance.checkLeave();
    return instance.handles.add(new ResourceHandle(type, representation, undefined));
  };
}

/** The representation of a resource (Canonical ABI, `canon resource.rep`). */
export function resourceRep(instance: ComponentInstance, type: ResourceType): CoreFunction {
  return (index: number) => handleOf(instance, index, type).representation;
}

/** Drops a handle, and with an owned one the resource (Canonical ABI, `canon resource.drop`). */
export function resourceDrop(instance: ComponentInstance, type: ResourceType): CoreFunction {
  return (index: number) => {
    instance.checkLeave();
    const handle = checkedHandle(instance.handles.remove(index), index, type);
    if (handle.lends > 0) trap("cannot remove owned resource while borrowed");
    if (handle.scope !== undefined) {
      handle.scope.borrows--;
    } else if (type.implementer === undefined) {
      type.host?.drop?.(handle.representation as object);
    } else {
      return type.destructor?.(handle.representation as number, instance);
    }
  };
}

/** Stands for a function of WASI 0.3's that is not there yet: a component may well import it and never call it. */
export function notSupported({ name }: BuiltIn): CoreFunction {
  return () => trap(`${name} is not supported yet`);
}
