// Runs argon2id off the main thread. Bun's own asynchronous argon2 shares one small pool with WebCrypto and file access,
// so eight password checks would hold up everything else for 100 ms (design/stack-notes.md).
import { setPriority } from "node:os";
import type { Argon2Job, Argon2Answer } from "./argon2.ts";

declare const self: Worker;

// Of this thread alone (Linux takes 0 as the calling thread): requests that need no password check go first.
try {
  setPriority(0, 10);
} catch {
  // A platform without thread priorities still serves; it is only less smooth under a flood of sign-ins.
}

self.onmessage = ({ data: job }: MessageEvent<Argon2Job>) => {
  postMessage(run(job));
};

function run(job: Argon2Job): Argon2Answer {
  try {
    if (job.kind === "verify") {
      // For an empty hash Bun says no without any work.
      if (job.phc === "") return { malformed: "empty" };
      return { matches: Bun.password.verifySync(job.password, job.phc) };
    }
    const { memoryKib, passes } = job.cost;
    const options = { algorithm: "argon2id", memoryCost: memoryKib, timeCost: passes } as const;
    return { phc: Bun.password.hashSync(job.password, options) };
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    return job.kind === "verify" && isAboutTheHash(error) ? { malformed: failed } : { failed };
  }
}

/** PASSWORD_INVALID_ENCODING, PASSWORD_WEAK_PARAMETERS, PASSWORD_UNSUPPORTED_ALGORITHM and the like: never for want of memory. */
const isAboutTheHash = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("PASSWORD_");
