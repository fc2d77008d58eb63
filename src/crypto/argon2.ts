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
export type Argon2Answer =
  { phc: string } | { matches: boolean } | { malformed: string } | { failed: string };

/** What should be a hash is none: no password belongs to it. */
export class MalformedHash extends Error {
  override readonly name = "MalformedHash";
}

/** A place among those who may hash: dispose of it when done. */
export interface Place extends Disposable {
  /** A PHC string with a fresh salt. */
  hash(password: string): Promise<string>;
  /** Whether the password belongs to the PHC string. Throws MalformedHash. */
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

/**
 * Jobs handed to one Worker: the one it runs and the one after. Without the second it would rest whenever the main thread
 * is busy, with a commit above all.
 */
const MOST_PER_WORKER = 2;

/**
 * While jobs wait, answers are handed on so many at a time: a hash goes through 19 MiB, after which all that a request touches has
 * to come from memory again. Of four in a row one pays for that, and the four share a commit. The price: while more stand in line
 * than the Workers have in hand, an answer may wait for three others.
 */
const ANSWERS_TOGETHER = 4;

/**
 * As many Workers as cores, started at first use. Beside what these do, `queueLimit` places may wait, for a Worker or for their answer
 * to be handed on.
 */
export function createHasher(cost: Argon2Cost, queueLimit: number): Hasher {
  const size = availableParallelism();
  const waiting: Pending[] = [];
  /** What each Worker was handed and has not answered yet, in order. */
  const handed = new Map<Worker, Pending[]>();
  /** Each gives one answer to whoever asked. */
  const done: (() => void)[] = [];
  let taken = 0;
  let isClosed = false;

  function spawn(): Worker {
    const worker = startWorker("./crypto/argon2-worker.ts");
    worker.onmessage = ({ data }: MessageEvent<Argon2Answer>) => {
      const pending = handed.get(worker)?.shift();
      if (pending) done.push(() => pending.resolve(data));
      goOn();
    };
    worker.onerror = (event) => {
      const lost = handed.get(worker) ?? [];
      handed.delete(worker);
      worker.terminate();
      for (const { reject } of lost) reject(unavailable(`a worker failed: ${event.message}`));
      goOn();
    };
    handed.set(worker, []);
    return worker;
  }

  /** The Worker with the least to do that may be handed another job. */
  function leastBusy(): Worker | undefined {
    const [least] = [...handed].toSorted(([, one], [, other]) => one.length - other.length);
    if (least && least[1].length === 0) return least[0];
    if (handed.size < size) return spawn();
    return least && least[1].length < MOST_PER_WORKER ? least[0] : undefined;
  }

  function handOut(): void {
    while (waiting.length > 0) {
      const worker = leastBusy();
      const pending = worker && waiting.shift();
      if (!worker || !pending) return;
      handed.get(worker)?.push(pending);
      worker.postMessage(pending.job);
    }
  }

  function handOn(): void {
    for (const answer of done.splice(0)) answer();
  }

  function goOn(): void {
    handOut();
    if (waiting.length === 0 || done.length >= ANSWERS_TOGETHER) handOn();
  }

  function submit(job: Argon2Job): Promise<Argon2Answer> {
    return new Promise((resolve, reject) => {
      if (isClosed) throw unavailable("closed");
      waiting.push({ job, resolve, reject });
      handOut();
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
      handOn();
      for (const { reject } of [...waiting.splice(0), ...[...handed.values()].flat()])
        reject(unavailable("closed"));
      for (const worker of handed.keys()) worker.terminate();
    },
  };
}

const unavailable = (why: string) => new Unavailable(`password hashing: ${why}`, 1);

function phcOf(answer: Argon2Answer): string {
  if ("phc" in answer) return answer.phc;
  throw unavailable("failed" in answer ? answer.failed : "wrong answer");
}

function matchOf(answer: Argon2Answer): boolean {
  if ("matches" in answer) return answer.matches;
  if ("malformed" in answer) throw new MalformedHash(answer.malformed);
  throw unavailable("failed" in answer ? answer.failed : "wrong answer");
}
