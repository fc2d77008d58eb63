// Every setting: the --help text and the settings table of the README are made from this table.
import { type TSchema, Type } from "@sinclair/typebox";
import { LOG_LEVELS } from "./log.ts";
import { DEFAULT_LANGUAGE, LANGUAGES } from "./texts/texts.ts";

export interface Setting {
  schema: TSchema;
  default?: string;
  /** One line for --help and the README. */
  about: string;
  /** What a good value looks like, for error messages. */
  good: string;
  /** Never a flag: other users of the machine can read command lines. */
  secret?: true;
}

const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
const onOff = Type.Union([Type.Literal("on"), Type.Literal("off")]);

export const SETTINGS = {
  HOST: {
    schema: Type.String({ minLength: 1 }),
    default: "127.0.0.1",
    about: "address to listen on",
    good: "an IP address such as 127.0.0.1 or 0.0.0.0",
  },
  PORT: {
    schema: whole(1, 65535),
    default: "3000",
    about: "port to listen on",
    good: "a whole number from 1 to 65535",
  },
  URL: {
    schema: Type.String(),
    about: "public base URL: links, issuer, cookies, accepted Host (default http://localhost:<port>)",
    good: "an origin such as https://auth.example.com",
  },
  DATA: {
    schema: Type.String({ minLength: 1 }),
    default: "./data",
    about: "directory of ostiary.db, secret.key and outbox/",
    good: "a directory such as /var/lib/ostiary",
  },
  SECRET: {
    schema: Type.String({ minLength: 32 }),
    about: "master secret (default: generated into secret.key)",
    good: "at least 32 random characters, for instance from: openssl rand -base64 32",
    secret: true,
  },
  SMTP_URL: {
    schema: Type.String({ pattern: "^smtps?://[^\\s/]+" }),
    about: "mail server; without it each mail becomes an .eml file in outbox/",
    good: "a URL such as smtps://user:password@mail.example.com",
    secret: true,
  },
  MAIL_FROM: {
    schema: Type.String({ pattern: "^[^\\s@]+@[^\\s@]+$", maxLength: 254 }),
    about: "sender address of mails",
    good: "an address such as no-reply@example.com",
  },
  LANGUAGE: {
    schema: Type.Union(LANGUAGES.map((language) => Type.Literal(language))),
    default: DEFAULT_LANGUAGE,
    about: "language of pages and mails for people of whom no other is known",
    good: `one of ${LANGUAGES.join(", ")}`,
  },
  TRUSTED_PROXIES: {
    schema: Type.String(),
    default: "",
    about: "proxies whose X-Forwarded-For counts, CIDRs separated by commas",
    good: "CIDRs such as 10.0.0.0/8,127.0.0.1/32,::1/128",
  },
  LOG: {
    schema: Type.Union(LOG_LEVELS.map((level) => Type.Literal(level))),
    default: "info",
    about: "least level logged",
    good: `one of ${LOG_LEVELS.join(", ")}`,
  },
  DOCS: { schema: onOff, default: "on", about: "serve the API documentation at /swagger", good: "on or off" },
  SETUP_TOKEN: {
    schema: onOff,
    default: "on",
    about: "ask for the setup token unless setup/ is called from this machine",
    good: "on or off",
  },
  TOKEN_ALGORITHM: {
    schema: Type.Union([Type.Literal("EdDSA"), Type.Literal("ES256")]),
    default: "EdDSA",
    about: "how access tokens are signed",
    good: "EdDSA or ES256",
  },
  AUDIENCE: {
    schema: Type.String({ minLength: 1, maxLength: 255, pattern: "^\\S+$" }),
    about: "aud claim of access tokens (default: the issuer)",
    good: "a name or URL without spaces, at most 255 characters",
  },
  IDENTIFY_TENANTS: {
    schema: Type.Union([Type.Literal("listed"), Type.Literal("hidden")]),
    default: "listed",
    about: "whether identify lists tenants (for unknown emails likely ones) or nobody's",
    good: "listed or hidden",
  },
  IMPERSONATION_REASON: {
    schema: onOff,
    default: "off",
    about: "whether administrators who act as another user have to say why",
    good: "on or off",
  },
  AUDIT_RETENTION: {
    schema: whole(0, 36_500),
    default: "400",
    about: "days that entries of the audit log are kept; 0: for ever",
    good: "a whole number of days from 0 to 36500",
  },
  AUDIT_REFUSALS: {
    schema: whole(1, 1_000_000),
    default: "60",
    about: "refusals of one address or user that are written down within a minute; the others are counted",
    good: "a whole number from 1 up",
  },
  ARGON2_MEMORY: {
    schema: whole(8, 4_194_304),
    default: "19456",
    about: "memory of one password hash, in KiB",
    good: "a whole number of KiB from 8 up; OWASP asks for at least 19456 with 2 passes",
  },
  ARGON2_PASSES: {
    schema: whole(1, 100),
    default: "2",
    about: "passes of one password hash",
    good: "a whole number from 1 to 100",
  },
  PASSWORD_QUEUE: {
    schema: whole(1, 10_000),
    default: "64",
    about: "password checks that may wait; past it the answer is 503",
    good: "a whole number from 1 to 10000",
  },
  LIMIT_FREE_FAILURES: {
    schema: whole(1, 100),
    default: "5",
    about: "failed passwords of an account before it has to wait",
    good: "a whole number from 1 to 100",
  },
  LIMIT_FIRST_WAIT: {
    schema: whole(1, 86_400),
    default: "30",
    about: "the first wait, in seconds; it doubles with every further failure",
    good: "a whole number of seconds from 1 to 86400",
  },
  LIMIT_LONGEST_WAIT: {
    schema: whole(1, 86_400),
    default: "3600",
    about: "the longest wait, in seconds",
    good: "a whole number of seconds from 1 to 86400",
  },
  LIMIT_WINDOW: {
    schema: whole(1, 86_400),
    default: "600",
    about: "seconds in which the failures of an address and of the instance are counted",
    good: "a whole number of seconds from 1 to 86400",
  },
  LIMIT_ADDRESS_FAILURES: {
    schema: whole(1, 1_000_000),
    default: "50",
    about: "failed logins from one address (IPv6: one /64) within the window",
    good: "a whole number from 1 up",
  },
  LIMIT_INSTANCE_FAILURES: {
    schema: whole(1, 100_000_000),
    default: "5000",
    about: "failed logins altogether within the window; known addresses are not held up",
    good: "a whole number from 1 up",
  },
  LIMIT_KNOWN_DAYS: {
    schema: whole(0, 400),
    default: "30",
    about: "days for which an account knows an address that it signed in from",
    good: "a whole number of days from 0 to 400",
  },
  LIMIT_CHALLENGE_TRIES: {
    schema: whole(1, 20),
    default: "5",
    about: "tries at one flow token, one mfa token, one mailed code",
    good: "a whole number from 1 to 20",
  },
  LIMIT_FACTOR_FAILURES: {
    // NIST SP 800-63B-4 §3.2.2 allows no more.
    schema: whole(1, 100),
    default: "100",
    about: "wrong codes in a row after which a second factor is off until it is enrolled anew",
    good: "a whole number from 1 to 100",
  },
  LIMIT_IDENTIFY: {
    schema: whole(1, 1_000_000),
    default: "60",
    about: "identify requests from one address within a minute",
    good: "a whole number from 1 up",
  },
  LIMIT_MAIL_GAP: {
    schema: whole(0, 86_400),
    default: "60",
    about: "seconds between two mails of one purpose to one mailbox",
    good: "a whole number of seconds from 0 to 86400",
  },
  LIMIT_MAILS_HOUR: {
    schema: whole(1, 10_000),
    default: "5",
    about: "mails of one purpose to one mailbox within an hour",
    good: "a whole number from 1 to 10000",
  },
  LIMIT_MAILS_DAY: {
    schema: whole(1, 10_000),
    default: "20",
    about: "mails of one purpose to one mailbox within a day",
    good: "a whole number from 1 to 10000",
  },
  LIMIT_ADDRESS_MAILS: {
    schema: whole(1, 1_000_000),
    default: "20",
    about: "mails caused from one address within an hour",
    good: "a whole number from 1 up",
  },
  LIMIT_INSTANCE_MAILS: {
    schema: whole(1, 100_000_000),
    default: "1000",
    about: "mails caused altogether within an hour by strangers: who is known or signed in is not held up",
    good: "a whole number from 1 up",
  },
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export const variableOf = (name: SettingName): string => `OSTIARY_${name}`;
export const flagOf = (name: SettingName): string => `--${name.toLowerCase().replaceAll("_", "-")}`;
