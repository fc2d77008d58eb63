// What the API finds wrong with a field, in the reader's language: its words are the keys (textOfFinding of browser/texts.ts).
import type { Reader } from "./reader.ts";

export const findingWords = ({ texts: { findings } }: Reader): Record<string, string> => ({
  "Input should be an email address": findings.email,
  "Input should be 1 to 100 printable characters": findings.name,
  "Name should have 1 to 100 printable characters": findings.name,
  "Password should have at least {n} characters": findings.shortPassword,
  "Password should have at most 256 characters": findings.longPassword,
  "Password is one of those most often used, and guessed first; choose another": findings.commonPassword,
  "Password should be more than a name, an email or the name of this service with a few additions":
    findings.guessablePassword,
  "Password is not valid Unicode text": findings.oddPassword,
  // What no field takes, of whatever kind.
  "String should have at most 200 characters": findings.name,
  "String should have at most 320 characters": findings.email,
  "String should have at most 1024 characters": findings.longPassword,
  "String should have at most {n} characters": findings.tooLong,
});
