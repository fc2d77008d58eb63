// (environment, flags) → Config.
import { describe, expect, test } from "bun:test";
import { BadSettings, type Config, loadConfig, type Sources } from "../src/config.ts";
import { SETTING_NAMES, SETTINGS, type Setting, type SettingName, variableOf } from "../src/settings.ts";

const load = (given: Partial<Sources> = {}): Config =>
  loadConfig({
    env: {},
    flags: {},
    readFile: (path) => {
      throw new Error(`there is no ${path}`);
    },
    cwd: "/srv",
    ...given,
  });

/** What is wrong with them, one line each. */
function problemsOf(given: Partial<Sources>): string[] {
  try {
    load(given);
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.problems;
    throw error;
  }
}

const SECRET = "correct-horse-battery-staple-0123456789";

describe("without any setting", () => {
  test("everything has its documented default", () => {
    const { trustedProxies, ...config } = load();
    expect(config).toEqual({
      host: "127.0.0.1",
      port: 3000,
      url: "http://localhost:3000",
      dataDirectory: "/srv/data",
      databasePath: "/srv/data/ostiary.db",
      secretPath: "/srv/data/secret.key",
      outboxDirectory: "/srv/data/outbox",
      secret: undefined,
      smtpUrl: undefined,
      mailFrom: undefined,
      language: "en",
      log: "info",
      docs: true,
      setupToken: true,
      audit: { retentionMs: 400 * 24 * 60 * 60 * 1000, refusalsPerMinute: 60 },
      argon2: { memoryKib: 19456, passes: 2 },
      passwordQueue: 64,
      limits: {
        freeFailures: 5,
        firstWaitMs: 30_000,
        longestWaitMs: 3_600_000,
        windowMs: 600_000,
        addressFailures: 50,
        instanceFailures: 5000,
        knownForMs: 2_592_000_000,
        challengeTries: 5,
        factorFailures: 100,
        identifyPerMinute: 60,
        mailGapMs: 60_000,
        mailsPerHour: 5,
        mailsPerDay: 20,
        addressMailsPerHour: 20,
        instanceMailsPerHour: 1000,
      },
      tokenAlgorithm: "EdDSA",
      audience: "http://localhost:3000",
      identifyTenants: true,
      impersonationReason: false,
    });
    expect(trustedProxies.rules).toEqual([]);
  });
});

describe("a setting", () => {
  test("from a flag wins over the environment, and that over the default", () => {
    const env = { OSTIARY_PORT: "4000", OSTIARY_LOG: "warn" };
    expect(load({ env, flags: { PORT: "5000" } })).toMatchObject({ port: 5000, log: "warn", docs: true });
    expect(load({ env: { ...env, OSTIARY_PORT: "bad" }, flags: { PORT: "5000" } }).port).toBe(5000);
  });

  test("is read from the file that its variable with _FILE names, without the space around it", () => {
    const files: Record<string, string> = { "/run/secrets/ostiary": `${SECRET}\n`, "/srv/port": " 4000\r\n" };
    const readFile = (path: string) => files[path] ?? "";
    const env = { OSTIARY_SECRET_FILE: "/run/secrets/ostiary", OSTIARY_PORT_FILE: "port" };
    expect(load({ env, readFile })).toMatchObject({ secret: SECRET, port: 4000 });
    expect(load({ env, readFile, flags: { PORT: "5000" } }).port).toBe(5000);
  });

  for (const name of SETTING_NAMES) {
    test(`${variableOf(name)} given twice, and its unreadable file, are named`, () => {
      const variable = variableOf(name);
      const { good, secret }: Setting = SETTINGS[name];
      const twice = problemsOf({ env: { [variable]: "x", [`${variable}_FILE`]: "y" } });
      expect(twice).toContain(`${variable}: set twice, also by ${variable}_FILE; expected ${good}`);
      expect(problemsOf({ env: { [`${variable}_FILE`]: "gone" } })).toEqual([
        `${variable}_FILE: cannot read ${secret ? "the file" : "gone (there is no /srv/gone)"}; expected ${good}`,
      ]);
    });
  }

  const good: [SettingName, string, Partial<Config>][] = [
    ["HOST", "::", { host: "::" }],
    ["HOST", "localhost", { host: "localhost" }],
    ["PORT", "65535", { port: 65535, url: "http://localhost:65535" }],
    ["URL", "https://auth.example.com/", { url: "https://auth.example.com" }],
    ["URL", "HTTPS://Auth.Example.com:443", { url: "https://auth.example.com" }],
    ["URL", "http://[::1]:8080", { url: "http://[::1]:8080" }],
    ["DATA", "/var/lib/ostiary", { databasePath: "/var/lib/ostiary/ostiary.db" }],
    ["DATA", "../there", { dataDirectory: "/there" }],
    ["SECRET", "x".repeat(32), { secret: "x".repeat(32) }],
    ["SMTP_URL", "smtps://user:p%40ss@mail.example.com:465", {}],
    ["LOG", "silent", { log: "silent" }],
    ["DOCS", "off", { docs: false }],
    ["SETUP_TOKEN", "off", { setupToken: false }],
    ["TOKEN_ALGORITHM", "ES256", { tokenAlgorithm: "ES256" }],
    ["AUDIENCE", "https://api.example.com", { audience: "https://api.example.com" }],
    ["IDENTIFY_TENANTS", "hidden", { identifyTenants: false }],
    ["IMPERSONATION_REASON", "on", { impersonationReason: true }],
    ["LIMIT_MAIL_GAP", "0", { limits: { ...load().limits, mailGapMs: 0 } }],
    ["LIMIT_FIRST_WAIT", "1", { limits: { ...load().limits, firstWaitMs: 1000 } }],
  ];
  for (const [name, text, part] of good) {
    test(`${variableOf(name)}=${text} is taken`, () => {
      const env = { OSTIARY_MAIL_FROM: "no-reply@example.com", [variableOf(name)]: text };
      expect(load({ env })).toMatchObject(part);
    });
  }
});

describe("trusted proxies", () => {
  const { trustedProxies } = load({ flags: { TRUSTED_PROXIES: "10.0.0.0/8, 192.0.2.7,2001:db8::/32,::1" } });
  const addresses: [string, "ipv4" | "ipv6", boolean][] = [
    ["10.255.255.255", "ipv4", true],
    ["11.0.0.0", "ipv4", false],
    ["192.0.2.7", "ipv4", true],
    ["192.0.2.8", "ipv4", false],
    ["2001:db8:ffff::1", "ipv6", true],
    ["2001:db9::1", "ipv6", false],
    ["::1", "ipv6", true],
    ["::2", "ipv6", false],
  ];
  for (const [address, family, trusted] of addresses) {
    test(`${address} is ${trusted ? "one" : "none"}`, () => {
      expect(trustedProxies.check(address, family)).toBe(trusted);
    });
  }
});

const BAD: Record<SettingName, string[]> = {
  HOST: ["", "auth.example.com", "300.1.1.1", "127.0.0.1:3000"],
  PORT: ["", "65536", "-1", "1.5", "0x50", "1e3", " 3000", "http"],
  URL: ["", "auth.example.com", "ftp://a.example", "https://", "https://a.example/b", "https://a.example?b"],
  DATA: [""],
  SECRET: ["", "hunter2", "x".repeat(31)],
  SMTP_URL: [
    "",
    "hunter2",
    "http://u:hunter2@a.example",
    "smtp://",
    "smtp://u:hunter2@[",
    "smtp://a:hunter2",
  ],
  AUDIT_RETENTION: ["", "-1", "1.5", "36501", "for ever"],
  AUDIT_REFUSALS: ["", "0", "-1", "many"],
  MAIL_FROM: ["", "nobody", "a b@example.com", "a@b@c", `a@${"b".repeat(253)}`],
  LANGUAGE: ["", "fr", "EN", "de-AT", "constructor"],
  TRUSTED_PROXIES: [
    "*",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/",
    "10.0.0/8",
    "10.0.0.0/8/8",
    "::1;::2",
    "1.2.3.4/-1",
  ],
  LOG: ["", "loud", "INFO"],
  DOCS: ["", "yes", "ON", "true"],
  SETUP_TOKEN: ["", "0"],
  TOKEN_ALGORITHM: ["", "none", "HS256", "eddsa"],
  AUDIENCE: ["", "two words", "a".repeat(256)],
  IDENTIFY_TENANTS: ["", "on"],
  IMPERSONATION_REASON: ["", "yes"],
  ARGON2_MEMORY: ["7", "4194305", "19456k"],
  ARGON2_PASSES: ["0", "101"],
  PASSWORD_QUEUE: ["0", "10001"],
  LIMIT_FREE_FAILURES: ["0", "101"],
  LIMIT_FIRST_WAIT: ["0", "86401", "30s"],
  LIMIT_LONGEST_WAIT: ["0", "86401"],
  LIMIT_WINDOW: ["0", "86401"],
  LIMIT_ADDRESS_FAILURES: ["0", "1000001"],
  LIMIT_INSTANCE_FAILURES: ["0", "9".repeat(30)],
  LIMIT_KNOWN_DAYS: ["-1", "401"],
  LIMIT_CHALLENGE_TRIES: ["0", "21"],
  LIMIT_FACTOR_FAILURES: ["0", "101"],
  LIMIT_IDENTIFY: ["0", "1000001"],
  LIMIT_MAIL_GAP: ["-1", "86401"],
  LIMIT_MAILS_HOUR: ["0", "10001"],
  LIMIT_MAILS_DAY: ["0", "10001"],
  LIMIT_ADDRESS_MAILS: ["0", "1000001"],
  LIMIT_INSTANCE_MAILS: ["0", "100000001"],
};

describe("a bad value is named with its variable, the fault, and what would be right", () => {
  for (const name of SETTING_NAMES) {
    const { good, secret }: Setting = SETTINGS[name];
    for (const text of BAD[name]) {
      test(`${variableOf(name)}=${text}`, () => {
        const env = { OSTIARY_MAIL_FROM: "no-reply@example.com", [variableOf(name)]: text };
        const [problem = "", ...more] = problemsOf({ env });
        expect(more).toEqual([]);
        expect(problem).toStartWith(`${variableOf(name)}: `);
        expect(problem).toEndWith(`; expected ${good}`);
        if (secret) expect(problem).not.toContain("hunter2");
        else expect(problem).toContain(JSON.stringify(text));
      });
    }
  }

  test("all of them at once, and none twice", () => {
    const env = Object.fromEntries(SETTING_NAMES.map((name) => [variableOf(name), BAD[name].at(-1)]));
    const named = problemsOf({ env }).map((problem) => problem.split(":")[0] ?? "");
    expect(named.toSorted()).toEqual(SETTING_NAMES.map(variableOf).toSorted());
  });

  test("each bad CIDR of a list", () => {
    const [first, second, ...more] = problemsOf({ flags: { TRUSTED_PROXIES: "a,10.0.0.0/8,b" } });
    expect([first, second]).toEqual([expect.stringContaining('"a"'), expect.stringContaining('"b"')]);
    expect(more).toEqual([]);
  });

  test("by flag or file, where it came from there", () => {
    expect(problemsOf({ flags: { PORT: "x" } })).toEqual([expect.stringMatching(/^--port: /)]);
    expect(problemsOf({ env: { OSTIARY_PORT_FILE: "f" }, readFile: () => "x" })).toEqual([
      expect.stringMatching(/^OSTIARY_PORT_FILE: /),
    ]);
  });

  test("a mail server without a sender", () => {
    const env = { OSTIARY_SMTP_URL: "smtp://u:hunter2@mail.example.com" };
    expect(problemsOf({ env })).toEqual([expect.stringMatching(/^OSTIARY_MAIL_FROM: missing/)]);
  });

  test("a user and password in the public URL, without showing them", () => {
    expect(problemsOf({ env: { OSTIARY_URL: "https://u:hunter2@a.example" } })).toEqual([
      expect.not.stringContaining("hunter2"),
    ]);
  });
});
