// The real program as a process of its own: for races, crashes, signals and exit codes.
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = new URL("../../", import.meta.url).pathname;

/** From source, with the Bun that runs the tests. */
export const FROM_SOURCE = [process.execPath, join(ROOT, "src/main.ts")];

export const freshDirectory = (): string => mkdtempSync(join(tmpdir(), "ostiary-process-"));

export interface RunningProgram extends AsyncDisposable {
  origin: string;
  pid: number;
  directory: string;
  /** What it printed so far. */
  output: () => { out: string; err: string };
  /** Resolves with the exit code when it ends by itself. */
  exited: Promise<number>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface StartOptions {
  program?: string[];
  directory?: string;
  env?: Record<string, string>;
  /** By default a free one. The same as before, where what was issued before must be good still: it is part of the issuer. */
  port?: number;
  /** At a terminal: the log is for people, and what it prints is all in `out`. */
  isAtTerminal?: boolean;
}

/** Starts the program and waits until it serves. */
export async function startProgram({
  program = FROM_SOURCE,
  directory = freshDirectory(),
  env = {},
  port: wanted,
  isAtTerminal = false,
}: StartOptions = {}): Promise<RunningProgram> {
  const port = wanted ?? (await freePort());
  const command = [...program, "serve", "--port", String(port), "--data", join(directory, "data")];
  const options = {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", OSTIARY_ARGON2_MEMORY: "8", OSTIARY_ARGON2_PASSES: "1", ...env },
  };
  const printed = { out: "", err: "" };
  const onScreen = new TextDecoder();
  const child = isAtTerminal
    ? Bun.spawn(command, {
        ...options,
        terminal: {
          cols: 500,
          data: (_, bytes) => void (printed.out += onScreen.decode(bytes, { stream: true })),
        },
      })
    : Bun.spawn(command, { ...options, stdout: "pipe", stderr: "pipe" });
  const reading = [
    child.stdout && collect(child.stdout, (text) => (printed.out += text)),
    child.stderr && collect(child.stderr, (text) => (printed.err += text)),
  ];
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await child.exited;
    await Promise.all(reading);
    return child.exitCode;
  };
  const origin = `http://localhost:${port}`;
  const serves = () =>
    isAtTerminal
      ? printed.out.includes(" listening ")
      : printed.out.includes('"listening"') && printed.err.includes("\nOstiary ");
  for (let i = 0; !serves(); i++) {
    if (child.exitCode !== null || i > 1000) throw new Error(`the program did not start: ${printed.err}`);
    await Bun.sleep(20);
  }
  return {
    origin,
    pid: child.pid,
    directory,
    output: () => printed,
    exited: Promise.all([child.exited, ...reading]).then(([code]) => code),
    end,
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** Runs the program to its end. */
export async function runProgram(args: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([...FROM_SOURCE, ...args], {
    cwd: freshDirectory(),
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}
