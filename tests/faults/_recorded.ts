/** A process to be traced: works with a store at the home it is given, and prints as JSON lines what its recorder saw. */
import { openHome } from "../../gpmd/store/home.ts";
import { ModuleStore } from "../../gpmd/store/module_store.ts";
import { ADD_MODULE, moduleOf, put } from "../gpmd/_modules.ts";
import { Recorder } from "./_recorder.ts";

if (import.meta.main) {
  const home = Deno.args[0]!;
  using recorder = new Recorder(home);
  await openHome(home);
  const store = await ModuleStore.open(home);
  await put(store, "a", "v1.0.0", ADD_MODULE);
  await put(store, "a", "v2.0.0", moduleOf(200_000));
  await put(store, "a", "v2.0.0", moduleOf(200_000)); // the same again
  await put(store, "a", "v2.0.0", ADD_MODULE).catch(() => {}); // refused
  await store.remove("a", "v1.0.0");
  await store.close();
  /** The path of each file, as far as it has one. */
  const paths = new Map<number, string>();
  for (const operation of recorder.operations) {
    if ("file" in operation && "path" in operation) {
      paths.set(
        operation.file,
        "to" in operation && operation.kind === "rename" ? operation.to : operation.path,
      );
    }
    switch (operation.kind) {
      case "note":
        break;
      case "sync":
      case "truncate":
        console.log(`${operation.kind} ${paths.get(operation.file)}`);
        break;
      case "write":
        console.log(`write ${paths.get(operation.file)} ${operation.bytes.length}`);
        break;
      case "rename":
      case "link":
        console.log(`${operation.kind} ${operation.path} ${operation.to}`);
        break;
      default:
        console.log(`${operation.kind} ${operation.path}`);
    }
  }
}
