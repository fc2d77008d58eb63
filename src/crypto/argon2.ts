// argon2id (RFC 9106) in low-priority Workers behind a bounded queue.
import { availableParallelism } from "node:os";
import { Unavailable } from "../errors.ts";
import { startWorker } from "../workers.ts";

/** Memory in KiB, number of passes; one lane (OWASP Password Storage). */
export interface Argon2Cost {
  memoryKib: number;
  passes: number;
}

export type Argon2Job =
  { kind: "hash"; password: string; cost: Argon2Cost } | { kind: "verify"; password: string; phc: string };
export type Argon2Answer = { phc: string } | { matches: boolean } | { failed: string };

/** A place among those who may hash: dispose of it when done. */
export interface Place extends Disposable {
  /** A PHC string with a fresh salt. */
  hash(password: string): Promise<string>;
  /** Whether the password belongs to the PHC string. Throws Error on a malformed one. */
  verify(password: string, phc: string): Promise<boolean>;
}

export interface Hasher {
  /**
   * Takes a place, or throws Unavailable at once when none is free. What a password check uses up, such as a try, is to be
   * written down only together with taking the place, so that overload spends nothing; and a try that is refused anyway
   * must not take one, so that who is held back by a limit does not hold up the others.
   */
  reserve(): Place;
  close(): void;
}

interface Pending {
  job: Argon2Job;
  resolve: (answer: Argon2Answer) => void;
  reject: (error: Error) => void;
}

/** As many Workers as cores, started at first use. Beside what these do, `queueLimit` places may wait. */
export function createHasher(cost: Argon2Cost, queueLimit: number): Hasher {
  const size = availableParallelism();
  const waiting: Pending[] = [];
  const idle = new Set<Worker>();
  const busy = new Map<Worker, Pending>();
  let taken = 0;
  let isClosed = false;

  function spawn(): Worker {
    const worker = startWorker("./crypto/argon2-worker.ts");
    worker.onmessage = ({ data }: MessageEvent<Argon2Answer>) => {
      busy.get(worker)?.resolve(data);
      busy.delete(worker);
      idle.add(worker);
      next();
    };
    worker.onerror = (event) => {
      busy.get(worker)?.reject(new Error(`argon2 worker failed: ${event.message}`));
      busy.delete(worker);
      idle.delete(worker);
      worker.terminate();
      next();
    };
    return worker;
  }

  function next(): void {
    if (waiting.length === 0) return;
    const [rested] = idle;
    const worker = rested ?? (busy.size < size ? spawn() : undefined);
    const pending = worker && waiting.shift();
    if (!worker || !pending) return;
    idle.delete(worker);
    busy.set(worker, pending);
    worker.postMessage(pending.job);
  }

  function submit(job: Argon2Job): Promise<Argon2Answer> {
    return new Promise((resolve, reject) => {
      if (isClosed) throw unavailable("closed");
      waiting.push({ job, resolve, reject });
      next();
    });
  }

  return {
    reserve() {
      if (isClosed) throw unavailable("closed");
      if (taken >= size + queueLimit) throw unavailable("too many password checks are waiting");
      taken++;
      let isHeld = true;
      return {
        hash: async (password) => phcOf(await submit({ kind: "hash", password, cost })),
        verify: async (password, phc) => matchOf(await submit({ kind: "verify", password, phc })),
        [Symbol.dispose]() {
          if (isHeld) taken--;
          isHeld = false;
        },
      };
    },
    close() {
      isClosed = true;
      for (const { reject } of [...waiting.splice(0), ...busy.values()]) reject(unavailable("closed"));
      for (const worker of [...idle, ...busy.keys()]) worker.terminate();
    },
  };
}

const unavailable = (why: string) => new Unavailable(`password hashing: ${why}`, 1);

function phcOf(answer: Argon2Answer): string {
  if ("phc" in answer) return answer.phc;
  throw new Error(`argon2 hash failed: ${"failed" in answer ? answer.failed : "wrong answer"}`);
}

function matchOf(answer: Argon2Answer): boolean {
  if ("matches" in answer) return answer.matches;
  throw new Error(`argon2 verify failed: ${"failed" in answer ? answer.failed : "wrong answer"}`);
}
