// What the API finds wrong with a field, in the reader's language: its words are the keys (browser/texts.ts).
import type { Reader } from "./reader.ts";

/** `minLength`: of passwords, where the page asks for a new one. */
export const findingWords = ({ texts: { findings } }: Reader, minLength = 8): Record<string, string> => ({
  "Input should be an email address": findings.email,
  "String should have at most 320 characters": findings.email,
  "String should have at most 200 characters": findings.name,
  "Input should be 1 to 100 printable characters": findings.name,
  "String should have at most 1024 characters": findings.longPassword,
  "Password should have at most 256 characters": findings.longPassword,
  [`Password should have at least ${minLength} characters`]: findings.shortPassword(minLength),
  "Password is one of those most often used, and guessed first; choose another": findings.commonPassword,
  "Password should be more than a name, an email or the name of this service with a few additions":
    findings.guessablePassword,
  "Password is not valid Unicode text": findings.oddPassword,
});
