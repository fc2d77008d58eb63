// Asking a person at a terminal.
import { createInterface } from "node:readline/promises";
import { StringDecoder } from "node:string_decoder";
import type { ReadStream } from "node:tty";

/** The person gave up: Ctrl-C, or the end of input. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export async function ask(
  input: ReadStream,
  output: NodeJS.WritableStream,
  question: string,
): Promise<string> {
  const lines = createInterface({ input, output });
  const gaveUp = new Promise<never>((_, reject) => lines.once("close", () => reject(new Interrupted())));
  try {
    return await Promise.race([lines.question(question), gaveUp]);
  } finally {
    gaveUp.catch(() => {});
    lines.close();
  }
}

/** Nothing of what is typed is shown. The terminal is as it was when this ends, however it ends. */
export async function askSecretly(
  input: ReadStream,
  output: NodeJS.WritableStream,
  question: string,
): Promise<string> {
  // Before the question: who types at once must not be shown either.
  input.setRawMode(true);
  output.write(question);
  input.resume();
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write("\n");
  }
}

function readLine(input: ReadStream): Promise<string> {
  const decoder = new StringDecoder("utf8");
  const typed: string[] = [];
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      input.off("data", onData);
      input.off("end", onEnd);
      settle();
    };
    const onEnd = () => finish(() => reject(new Interrupted()));
    const onData = (chunk: Buffer) => {
      for (const character of decoder.write(chunk)) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed.join("")));
        // Ctrl-C, Ctrl-D.
        if (character === "\u0003" || character === "\u0004") return onEnd();
        if (character === "\u007f" || character === "\b") typed.pop();
        else typed.push(character);
      }
    };
    input.on("data", onData);
    input.once("end", onEnd);
  });
}
