// The program under measurement, as a process whose core, memory and start can be told.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Subprocess, spawn } from "bun";
import { freePort } from "../support/process.ts";
import { COST, SECRET } from "./seed.ts";

export interface Measurable extends AsyncDisposable {
  origin: string;
  port: number;
  /** From the start of the process to the first 200, in milliseconds. */
  startMs: number;
  /** In MiB: resident now, and at most so far. Zero where there is no /proc. */
  memory(): { now: number; peak: number };
  /** Keeps all threads on one core, or lets them run on any. */
  pin(core: number | undefined): void;
}

/** Limits that would answer instead of the code that is to be measured. */
const UNLIMITED = {
  OSTIARY_LIMIT_ADDRESS_FAILURES: "1000000",
  OSTIARY_LIMIT_ADDRESS_MAILS: "1000000",
  OSTIARY_LIMIT_INSTANCE_MAILS: "1000000",
  OSTIARY_LIMIT_MAIL_GAP: "0",
};

/** Starts `program` on the data of `directory` and waits until it answers. */
export async function start(program: string[], directory: string): Promise<Measurable> {
  const port = await freePort();
  const command = [...program, "serve", "--port", String(port), "--data", join(directory, "data")];
  const env = {
    PATH: process.env["PATH"] ?? "",
    OSTIARY_SECRET: SECRET,
    OSTIARY_ARGON2_MEMORY: String(COST.memoryKib),
    OSTIARY_ARGON2_PASSES: String(COST.passes),
    OSTIARY_LOG: "warn",
    ...UNLIMITED,
  };
  const started = performance.now();
  const child = spawn(command, { cwd: directory, env, stdout: "inherit", stderr: "ignore" });
  const origin = `http://localhost:${port}`;
  await firstAnswer(child, `http://127.0.0.1:${port}/healthz`);
  return {
    origin,
    port,
    startMs: performance.now() - started,
    memory: () => ({ now: mebibytes(child.pid, "VmRSS"), peak: mebibytes(child.pid, "VmHWM") }),
    pin(core) {
      const cores = core === undefined ? `0-${navigator.hardwareConcurrency - 1}` : String(core);
      if (Bun.which("taskset") !== null)
        Bun.spawnSync(["taskset", "-a", "-c", "-p", cores, String(child.pid)]);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

async function firstAnswer(child: Subprocess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("the program ended");
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await Bun.sleep(1);
  }
}

function mebibytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
