// What is not ours: pinned, from one registry, by its digest, with no say at install time; and nothing that we know to be broken.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "./support/process.ts";

const manifest = await Bun.file(join(ROOT, "package.json")).json();
const direct: [string, string][] = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });

/** In the lock file: the name, what it was resolved to, and the digest of what was fetched. */
const locked: [key: string, resolved: string, digest: unknown][] = await (async () => {
  const text = await Bun.file(join(ROOT, "bun.lock")).text();
  // It is JSON but for the commas at the ends.
  const { packages } = JSON.parse(text.replaceAll(/,(\s*[\]}])/g, "$1"));
  return Object.entries<unknown[]>(packages).map(([key, entry]) => [key, String(entry[0]), entry.at(-1)]);
})();

/** The oldest version without the advisories of spec/security.md §5 that are about it. */
const AT_LEAST: Record<string, string> = { elysia: "1.4.30" };

describe("every dependency", () => {
  test("is asked for by its exact version, and no package may run anything while it is installed", () => {
    for (const [name, version] of direct)
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    expect(manifest.trustedDependencies).toEqual([]);
  });

  test("is locked with all that it needs in turn, each by version and SHA-512, from the registry and nowhere else", () => {
    expect(locked.length).toBeGreaterThan(direct.length);
    for (const [key, resolved, digest] of locked) {
      expect([key, resolved]).toEqual([
        key,
        expect.stringMatching(/^(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+[\w.+-]*$/),
      ]);
      expect([key, digest]).toEqual([key, expect.stringMatching(/^sha512-[\w+/]{86}==$/)]);
    }
    const names = locked.map(([key]) => key);
    for (const [name] of direct) expect(names).toContain(name);
  });

  test("that had advisories is newer than they are", () => {
    for (const [name, least] of Object.entries(AT_LEAST)) {
      const found = locked.filter(([, resolved]) => resolved.startsWith(`${name}@`));
      expect(found.length).toBeGreaterThan(0);
      for (const [, resolved] of found)
        expect(Bun.semver.order(resolved.slice(name.length + 1), least)).toBeGreaterThanOrEqual(0);
    }
  });
});
