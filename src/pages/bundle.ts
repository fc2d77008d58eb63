// A macro: run while this program is bundled, or read from source, and never by the program itself. The browser's part of the pages
// becomes one text each, so that the binary needs neither files nor a bundler.

/** A module of this folder with all that it imports, for browsers. */
export function bundle(entry: string): string {
  const command = [process.execPath, "build", `${import.meta.dir}/${entry}`, "--target=browser", "--minify"];
  const { stdout, stderr, success } = Bun.spawnSync(command, { env: { ...process.env, BUN_BE_BUN: "1" } });
  if (!success) throw new Error(stderr.toString());
  return stdout.toString();
}
