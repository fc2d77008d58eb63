// A file system of our own, a few megabytes large. Needs root, or sudo without a password, and the right to mount.
import { rmSync } from "node:fs";
import { freshDirectory } from "./process.ts";

export interface SmallDisk extends AsyncDisposable {
  path: string;
  /** Takes every byte that is left. */
  fill(): Promise<void>;
  /** Gives them back. */
  free(): Promise<void>;
}

const SUDO = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

/** Runs a shell command as root. False when it failed. */
export async function asRoot(script: string): Promise<boolean> {
  const child = Bun.spawn([...SUDO, "sh", "-c", script], { stdout: "ignore", stderr: "ignore" });
  return (await child.exited) === 0;
}

/** Whether this machine lets us mount: containers often do not. */
export async function canMount(): Promise<boolean> {
  try {
    await using _ = await openSmallDisk("64k");
    return true;
  } catch {
    return false;
  }
}

/** `await using` unmounts it, though somebody should still be there. */
export async function openSmallDisk(size: string, at = freshDirectory()): Promise<SmallDisk> {
  if (!(await asRoot(`mount -t tmpfs -o size=${size},mode=0777 none ${at}`)))
    throw new Error("the small disk could not be mounted");
  const run = async (script: string) =>
    void (await Bun.spawn(["sh", "-c", script], { stderr: "ignore" }).exited);
  return {
    path: at,
    fill: () => run(`cat /dev/zero >> ${at}/filler`),
    free: () => run(`rm -f ${at}/filler`),
    async [Symbol.asyncDispose]() {
      await asRoot(`umount --lazy ${at}`);
      rmSync(at, { recursive: true, force: true });
    },
  };
}
