// (environment, flags) → Config. Pure; every bad value is named at once.
import { BlockList, isIP } from "node:net";
import { join, resolve } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import { flagOf, SETTINGS, type Setting, type SettingName, variableOf } from "./settings.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Attempts, waits in milliseconds (decisions §5). */
export interface LimitSettings {
  freeFailures: number;
  firstWaitMs: number;
  longestWaitMs: number;
  windowMs: number;
  addressFailures: number;
  instanceFailures: number;
  knownForMs: number;
  challengeTries: number;
  factorFailures: number;
  identifyPerMinute: number;
  mailGapMs: number;
  mailsPerHour: number;
  mailsPerDay: number;
  addressMailsPerHour: number;
  instanceMailsPerHour: number;
}

export type TokenAlgorithm = "EdDSA" | "ES256";

export interface Config {
  host: string;
  port: number;
  /** The public origin, without a trailing slash. */
  url: string;
  dataDirectory: string;
  databasePath: string;
  secretPath: string;
  outboxDirectory: string;
  /** Given by a setting; undefined: read from or generated into `secretPath`. */
  secret: string | undefined;
  smtpUrl: string | undefined;
  mailFrom: string | undefined;
  /** Of mails to those whose own is not known: a BCP 47 tag. */
  language: string;
  trustedProxies: BlockList;
  log: LogLevel;
  docs: boolean;
  setupToken: boolean;
  tokenAlgorithm: TokenAlgorithm;
  /** The `aud` of access tokens. */
  audience: string;
  /** Whether `identify` lists tenants; if not, it does for nobody. */
  identifyTenants: boolean;
  /** Whether whoever acts as another user has to say why. */
  impersonationReason: boolean;
  /** Undefined: kept for ever. */
  audit: { retentionMs: number | undefined; refusalsPerMinute: number };
  argon2: { memoryKib: number; passes: number };
  passwordQueue: number;
  limits: LimitSettings;
}

/** Everything that is wrong with the settings, one line each, naming the variable, the fault and what would be right. */
export class BadSettings extends Error {
  override readonly name = "BadSettings";
  constructor(readonly problems: string[]) {
    super(problems.join("\n"));
  }
}

export interface Sources {
  env: Record<string, string | undefined>;
  /** By setting name, from the command line. */
  flags: Partial<Record<SettingName, string>>;
  /** Reads the file that an `OSTIARY_X_FILE` names. Throws when it cannot. */
  readFile: (path: string) => string;
  /** Relative paths start here. */
  cwd: string;
}

/** Flags win over environment, environment over defaults. Throws BadSettings. */
export function loadConfig(sources: Sources): Config {
  const problems: string[] = [];
  const unusable = new Set<SettingName>();
  const bad = (name: SettingName) => (fault: string) => {
    unusable.add(name);
    problems.push(`${whereOf(sources, name)}: ${fault}; expected ${SETTINGS[name].good}`);
  };
  const text = (name: SettingName) => readSetting(sources, name, bad(name));
  const whole = (name: SettingName) => Number(text(name) ?? 0);

  const port = whole("PORT");
  const url = originOf(text("URL") ?? `http://localhost:${port}`, bad("URL"));
  const data = resolve(sources.cwd, text("DATA") ?? ".");
  const config: Config = {
    host: hostOf(text("HOST") ?? "", bad("HOST")),
    port,
    url,
    dataDirectory: data,
    databasePath: join(data, "ostiary.db"),
    secretPath: join(data, "secret.key"),
    outboxDirectory: join(data, "outbox"),
    secret: text("SECRET"),
    smtpUrl: mailServerOf(text("SMTP_URL"), bad("SMTP_URL")),
    mailFrom: text("MAIL_FROM"),
    language: text("LANGUAGE") ?? "",
    trustedProxies: subnetsOf(text("TRUSTED_PROXIES") ?? "", bad("TRUSTED_PROXIES")),
    log: LOG_LEVELS.find((level) => level === text("LOG")) ?? "info",
    docs: text("DOCS") === "on",
    setupToken: text("SETUP_TOKEN") === "on",
    tokenAlgorithm: text("TOKEN_ALGORITHM") === "ES256" ? "ES256" : "EdDSA",
    audience: text("AUDIENCE") ?? url,
    identifyTenants: text("IDENTIFY_TENANTS") === "listed",
    impersonationReason: text("IMPERSONATION_REASON") === "on",
    audit: {
      retentionMs: whole("AUDIT_RETENTION") === 0 ? undefined : whole("AUDIT_RETENTION") * DAY_MS,
      refusalsPerMinute: whole("AUDIT_REFUSALS"),
    },
    argon2: { memoryKib: whole("ARGON2_MEMORY"), passes: whole("ARGON2_PASSES") },
    passwordQueue: whole("PASSWORD_QUEUE"),
    limits: {
      freeFailures: whole("LIMIT_FREE_FAILURES"),
      firstWaitMs: whole("LIMIT_FIRST_WAIT") * 1000,
      longestWaitMs: whole("LIMIT_LONGEST_WAIT") * 1000,
      windowMs: whole("LIMIT_WINDOW") * 1000,
      addressFailures: whole("LIMIT_ADDRESS_FAILURES"),
      instanceFailures: whole("LIMIT_INSTANCE_FAILURES"),
      knownForMs: whole("LIMIT_KNOWN_DAYS") * DAY_MS,
      challengeTries: whole("LIMIT_CHALLENGE_TRIES"),
      factorFailures: whole("LIMIT_FACTOR_FAILURES"),
      identifyPerMinute: whole("LIMIT_IDENTIFY"),
      mailGapMs: whole("LIMIT_MAIL_GAP") * 1000,
      mailsPerHour: whole("LIMIT_MAILS_HOUR"),
      mailsPerDay: whole("LIMIT_MAILS_DAY"),
      addressMailsPerHour: whole("LIMIT_ADDRESS_MAILS"),
      instanceMailsPerHour: whole("LIMIT_INSTANCE_MAILS"),
    },
  };
  if (config.smtpUrl !== undefined && config.mailFrom === undefined && !unusable.has("MAIL_FROM")) {
    bad("MAIL_FROM")("missing although OSTIARY_SMTP_URL is set");
  }
  if (problems.length > 0) throw new BadSettings([...new Set(problems)]);
  return config;
}

type Report = (fault: string) => void;

/** The text of one setting, if it is usable by its schema. */
function readSetting(sources: Sources, name: SettingName, bad: Report): string | undefined {
  const setting: Setting = SETTINGS[name];
  const text = findText(sources, name, bad);
  if (text === undefined) return setting.default;
  const value = setting.schema.type === "integer" && /^\d+$/.test(text) ? Number(text) : text;
  if (Value.Check(setting.schema, value)) return text;
  bad(setting.secret ? "not usable" : `not usable: ${JSON.stringify(text)}`);
  return undefined;
}

function findText(sources: Sources, name: SettingName, bad: Report): string | undefined {
  const flag = sources.flags[name];
  if (flag !== undefined) return flag;
  const variable = variableOf(name);
  const text = sources.env[variable];
  const file = sources.env[`${variable}_FILE`];
  if (text !== undefined && file !== undefined) bad(`set twice, also by ${variable}_FILE`);
  if (text !== undefined || file === undefined) return text;
  try {
    return sources.readFile(resolve(sources.cwd, file)).trim();
  } catch (error) {
    // Who puts the secret itself where its file belongs must not find it in a log, where the message would repeat it.
    const isSecret = "secret" in SETTINGS[name];
    bad(
      isSecret
        ? "cannot read the file"
        : `cannot read ${file} (${error instanceof Error ? error.message : String(error)})`,
    );
    return undefined;
  }
}

/** Where the value of a setting comes from, as the person who gave it knows it. */
function whereOf({ flags, env }: Sources, name: SettingName): string {
  const variable = variableOf(name);
  if (flags[name] !== undefined) return flagOf(name);
  const isFile = env[variable] === undefined && env[`${variable}_FILE`] !== undefined;
  return isFile ? `${variable}_FILE` : variable;
}

function hostOf(text: string, bad: Report): string {
  if (text !== "" && text !== "localhost" && isIP(text) === 0)
    bad(`not an IP address: ${JSON.stringify(text)}`);
  return text;
}

function originOf(text: string, bad: Report): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) bad(`not an http or https URL: ${JSON.stringify(text)}`);
  else if (url.username || url.password) bad("more than an origin: it names a user");
  else if (url.pathname !== "/" || url.search || url.hash) {
    bad(`more than an origin: ${JSON.stringify(text)}`);
  }
  return url?.origin ?? text;
}

function mailServerOf(text: string | undefined, bad: Report): string | undefined {
  if (text !== undefined && !URL.canParse(text)) bad("not usable");
  return text;
}

function subnetsOf(text: string, bad: Report): BlockList {
  const list = new BlockList();
  for (const cidr of text.split(",").map((part) => part.trim())) {
    if (cidr === "") continue;
    const [address = "", bits = isIP(address) === 6 ? "128" : "32", ...rest] = cidr.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    const usable = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && rest.length === 0;
    if (usable && Number(bits) <= (family === "ipv6" ? 128 : 32))
      list.addSubnet(address, Number(bits), family);
    else bad(`not a CIDR: ${JSON.stringify(cidr)}`);
  }
  return list;
}
