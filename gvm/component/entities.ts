import type {
  ComponentDescription,
  CoreTypeDefinition,
  Declaration,
  Sort,
} from "../../gmp/wasm_format/component/component_reader.ts";
import type { ImportDescription, MemoryType } from "../../gmp/wasm_format/module_description.ts";
import type { ComponentFunction } from "./component_function.ts";
import type { CoreFunction } from "./promise_integration.ts";
import type { ResourceType } from "./resources.ts";
import type { Scope } from "./scope.ts";
import type { FunctionType, Type } from "./types.ts";

/** What a core module of a component takes. */
export interface CoreSize {
  /** The types of its own memories. */
  readonly memories: readonly MemoryType[];
  /** Elements of each of its own tables at the start. */
  readonly tables: readonly number[];
}

/** A core module that is limited and compiled. */
export interface CompiledCore extends CoreSize {
  readonly module: WebAssembly.Module;
  /** What it imports, with its own memories at the end. */
  readonly imports: readonly ImportDescription[];
}

/** What a type index stands for. */
export type TypeEntity =
  | { readonly kind: "value"; readonly type: Type }
  | { readonly kind: "func"; readonly type: FunctionType }
  | { readonly kind: "resource"; readonly resource: ResourceType }
  | {
    readonly kind: "component" | "instance";
    readonly declarations: readonly Declaration[];
    /** Where it is defined. */
    readonly scope: Scope;
  };

/** A component and the scope that it may refer to. */
export interface ComponentEntity {
  readonly description: ComponentDescription;
  readonly scope: Scope | undefined;
}

/** What an instance exports, by name. */
export interface InstanceEntity {
  readonly exports: ReadonlyMap<string, Entity>;
}

/** The values of each index space. */
export interface Entities {
  "core func": CoreFunction;
  "core table": WebAssembly.ExportValue;
  "core memory": WebAssembly.Memory;
  "core global": WebAssembly.ExportValue;
  "core tag": WebAssembly.ExportValue;
  "core type": CoreTypeDefinition;
  /** Compiled, unless only types are asked for. */
  "core module": CoreSize;
  "core instance": Readonly<Record<string, WebAssembly.ExportValue>>;
  func: ComponentFunction;
  value: never;
  type: TypeEntity;
  component: ComponentEntity;
  instance: InstanceEntity;
}

/** Something with a sort. */
export type Entity = { readonly [S in Sort]: { readonly sort: S; readonly value: Entities[S] } }[Sort];
