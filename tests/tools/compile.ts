/**
 * `deno compile` with the arguments given (`deno task compile`). It downloads a runtime once; where that fails, this says in
 * a sentence what is missing and how to get it, in place of Deno's list of causes.
 */
const command = new Deno.Command("deno", {
  args: ["compile", ...Deno.args],
  stdout: "inherit",
  stderr: "piped",
});
const { code, stderr } = await command.output();
const said = new TextDecoder().decode(stderr);
const url = /https:\/\/\S*denort\S*\.zip/.exec(said)?.[0];
if (code !== 0 && url !== undefined) {
  console.error(
    `Cannot compile: Deno's runtime for compiled programs is not on this device, and could not be downloaded from ${url}; ` +
      "run this once with a network, or unpack that file and name the program in it with DENORT_BIN",
  );
} else console.error(said.trimEnd());
Deno.exit(code);
