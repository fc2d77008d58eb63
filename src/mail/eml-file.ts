// Without a mail server: each mail is a file that a person can open.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Context } from "../context.ts";
import { type Transport, Undelivered, unencoded } from "./letter.ts";

/** Writes `<mail id>.eml` (RFC 5322) into the outbox directory: whole or not at all, and for its owner only. */
export function createEmlFiles({ config, random }: Pick<Context, "config" | "random">): Transport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return async ({ id, message }) => {
    const directory = config.outboxDirectory;
    const aside = join(directory, `.${id}.${Buffer.from(random(6)).toString("hex")}`);
    try {
      const text = unencoded(message.text, 8) ?? message.text;
      const { message: bytes } = await composer.sendMail({ ...message, text });
      if (!Buffer.isBuffer(bytes)) throw new Error("the composer gave no bytes");
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(aside, bytes, { mode: 0o600, flush: true });
      await rename(aside, join(directory, `${id}.eml`));
    } catch (error) {
      await rm(aside, { force: true }).catch(() => {});
      throw new Undelivered(`cannot write into ${directory}: ${codeOf(error)}`, false, error);
    }
  };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "it could not be composed";
