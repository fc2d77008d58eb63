// What each mail is made of, in which order. The words stand in texts/, the form in mail/render.ts.
import type { MailContent } from "../core/outbox.ts";
import { type Language, type Texts, textsIn } from "../texts/texts.ts";
import { oneLine } from "./one-line.ts";

/** One part of a mail, in plain text and HTML alike. An aside is for those who may as well ignore the mail. */
export type Block =
  { paragraph: string } | { aside: string } | { label: string; link: string } | { code: string };

export interface Message {
  language: Language;
  subject: string;
  /** What it is about, without what is nobody's business at a glance. */
  title: string;
  blocks: Block[];
}

/** Who writes, and in which language. */
export interface Letterhead {
  /** What the reader knows the service by. */
  brand: string;
  /** The public origin. */
  url: string;
  language: Language;
}

type Kind = MailContent["kind"];
type ContentOf<K extends Kind> = Extract<MailContent, { kind: K }>;

interface Said {
  title: string;
  /** What the subject tells besides. */
  detail?: string;
  blocks: Block[];
}

interface About {
  service: string;
  language: Language;
  /** The address of one of our pages. */
  at: (path: string) => string;
  /** Leads to where one sees what has become of one's account. */
  toAccount: Block;
  /** Where a request came from. */
  from: (origin: { address: string; userAgent: string | null }) => string;
}

/** A kind without words in the catalogues, or here, does not compile. */
type Composers = { [K in Kind]: (words: Texts["mail"][K], content: ContentOf<K>, about: About) => Said };

/** The words for one mail. */
export function messageFor(content: MailContent, { brand, url, language }: Letterhead): Message {
  const words = textsIn(language).mail;
  const at = (path: string) => new URL(path, url).href;
  const about: About = {
    service: name(brand),
    language,
    at,
    toAccount: { label: words.toAccount, link: at("/account") },
    from: ({ address, userAgent }) =>
      words.from(
        [address, userAgent ?? ""]
          .filter((part) => part !== "")
          .map(name)
          .join(", "),
      ),
  };
  const compose = COMPOSERS[content.kind] as (words: unknown, content: MailContent, about: About) => Said;
  const { title, detail, blocks } = compose(words[content.kind], content, about);
  return { language, subject: detail === undefined ? title : `${title}: ${detail}`, title, blocks };
}

/** Every mail leads on, by a link or a code, and says what to do for those who did not ask for it. */
const COMPOSERS: Composers = {
  verify_email: (words, { link }, { service }) => ({
    title: words.title(service),
    blocks: [p(words.intro(service)), { label: words.action, link }, p(words.lifetime), aside(words.notYou)],
  }),

  already_registered: (words, { tenantSlug }, { service, at }) => ({
    title: words.title(service),
    blocks: [
      p(words.intro(service, name(tenantSlug))),
      p(words.remedy),
      { label: words.action, link: at(`/t/${encodeURIComponent(name(tenantSlug))}/login`) },
      aside(words.notYou),
    ],
  }),

  reset_password: (words, { link, minutes }, { service }) => ({
    title: words.title(service),
    blocks: [
      p(words.intro(service)),
      { label: words.action, link },
      p(words.lifetime(minutes)),
      aside(words.notYou),
    ],
  }),

  password_changed: (words, _content, { service, toAccount }) => ({
    title: words.title(service),
    blocks: [p(words.intro(service)), p(words.notYou), toAccount],
  }),

  invitation: (words, { link, tenantName, role, invitedBy }) => {
    const [tenant, as] = [name(tenantName), words.roles[role]];
    return {
      title: words.title(tenant),
      blocks: [
        p(invitedBy === null ? words.intro(tenant, as) : words.introBy(tenant, as, name(invitedBy))),
        { label: words.action, link },
        aside(words.notYou),
      ],
    };
  },

  key_created: (words, { keyName }, { service, toAccount }) => ({
    title: words.title(service),
    blocks: [p(words.intro(service, name(keyName))), p(words.notYou), toAccount],
  }),

  code: (words, { code, purpose, minutes }, { service }) => ({
    title: words.title(service),
    detail: code,
    blocks: [
      p(words.intro[purpose](service)),
      { code },
      p(words.lifetime(service, minutes)),
      purpose === "login" ? p(words.notYouSigningIn) : aside(words.notYou),
    ],
  }),

  magic_code: (words, { code, minutes }, { service }) => ({
    title: words.title(service),
    detail: code,
    blocks: [p(words.intro(service)), { code }, p(words.lifetime(service, minutes)), aside(words.notYou)],
  }),

  login_waiting: (words, content, { service, at, from }) => ({
    title: words.title(service),
    blocks: [
      p(words.intro(service)),
      p(from(content)),
      p(words.signIn(name(content.id))),
      p(words.remedy(content.minutes)),
      { label: words.action, link: at(`/approve?id=${encodeURIComponent(content.id)}`) },
      p(words.notYou),
    ],
  }),

  factor_changed: (words, { change }, { service, toAccount }) => ({
    title: words.title(service),
    blocks: [p(words.intro(service, words.changes[change])), p(words.notYou), toAccount],
  }),

  backup_code_used: (words, { left }, { service, toAccount }) => ({
    title: words.title(service),
    blocks: [p(words.intro(service)), p(words.left(left)), p(words.notYou), toAccount],
  }),

  signed_in_elsewhere: (words, content, { service, language, toAccount, from }) => ({
    title: words.title(service),
    blocks: [
      p(words.intro(service, minute(content.at, language))),
      p(from(content)),
      p(words.why),
      p(words.notYou),
      toAccount,
    ],
  }),

  impersonated: (words, { by, at }, { service, language, toAccount }) => ({
    title: words.title(service),
    blocks: [p(words.intro(service, minute(at, language), name(by))), p(words.notYou), toAccount],
  }),
};

/** January 31, 2026 at 08:00 UTC. The month as a word and the zone said, as nobody knows where it is read. */
const minute = (at: number, language: Language): string =>
  new Intl.DateTimeFormat(language, {
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: "UTC",
    timeZoneName: "short",
  }).format(at);

const p = (paragraph: string): Block => ({ paragraph });
const aside = (text: string): Block => ({ aside: text });

/** Names are chosen by others: long enough for every honest one, too short for a letter of their own. */
const LONGEST_NAME = 64;
const name = (text: string): string => oneLine(text, LONGEST_NAME);
