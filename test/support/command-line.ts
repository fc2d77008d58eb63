// Commands as an operator gives them: real processes on one data directory.
import { join } from "node:path";
import { freshDirectory, FROM_SOURCE } from "./process.ts";

export interface Done {
  code: number;
  out: string;
  err: string;
}

export interface CommandLine {
  data: string;
  /** Runs a command to its end; `input` is its standard input. */
  run: (args: string[], input?: string) => Promise<Done>;
  /** The same with --json; throws unless it succeeded. */
  json: <Answer>(args: string[], input?: string) => Promise<Answer>;
}

const ENV = { PATH: process.env["PATH"] ?? "", OSTIARY_ARGON2_MEMORY: "8", OSTIARY_ARGON2_PASSES: "1" };

export function commandLine(
  data = join(freshDirectory(), "data"),
  env: Record<string, string> = {},
): CommandLine {
  const run = async (args: string[], input = ""): Promise<Done> => {
    const child = Bun.spawn([...FROM_SOURCE, ...args, "--data", data], {
      env: { ...ENV, ...env },
      stdin: new Blob([input]),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  };
  return {
    data,
    run,
    async json(args, input) {
      const { code, out, err } = await run([...args, "--json"], input);
      if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${err}`);
      return JSON.parse(out);
    },
  };
}

/** Runs a command at a terminal; types each answer once its question is on the screen. What the screen showed, and the exit code. */
export async function atTerminal(
  args: string[],
  data: string,
  dialogue: [question: string, answer: string][],
): Promise<{ code: number; screen: string }> {
  let screen = "";
  const decoder = new TextDecoder();
  const waiting = dialogue.slice();
  let seen = 0;
  const child = Bun.spawn([...FROM_SOURCE, ...args, "--data", data], {
    env: { ...ENV, TERM: "dumb" },
    terminal: {
      cols: 200,
      data(terminal, bytes) {
        screen += decoder.decode(bytes, { stream: true });
        const [next] = waiting;
        const at = next ? screen.indexOf(next[0], seen) : -1;
        if (!next || at === -1) return;
        seen = at + next[0].length;
        waiting.shift();
        terminal.write(next[1]);
      },
    },
  });
  const code = await child.exited;
  child.terminal?.close();
  return { code, screen };
}
