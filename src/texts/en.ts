// Everything that people read, in English: the catalogue that all others follow. `brand` is what the reader knows the tenant by.
// Words in braces are filled in by the browser's part of the pages.

/** What something came to. */
export interface Message {
  title: string;
  text: string;
}

const DEAD = "This link no longer works";

export const en = {
  /** What speakers call their language. */
  name: "English",

  frame: {
    languages: "Language",
    needsScript: "This page needs JavaScript. Turn it on in your browser and load the page again.",
  },

  form: {
    showPassword: "Show password",
    optional: "optional",
    passwordHint: (minLength: number): string =>
      `At least ${minLength} characters. A few words in a row are strong and easy to remember.`,
  },

  /** For the browser's part: what comes back from the API, and what does not. */
  answers: {
    missing: "Please fill this in.",
    waiting: "One moment…",
    limited: "Too many tries. Please try again in {time}.",
    busy: "The server is busy. Nothing was changed; please try again in a moment.",
    offline: "The server cannot be reached. Check your connection and try again.",
    failed: "That did not work, and it is not your fault. Please try again later.",
    goOn: "Continue to {host}",
  },

  link: {
    incomplete: {
      title: "Please open the link in the mail again",
      text: "Part of it is missing here. That happens when the page is reloaded, or when only a piece of the link was copied. If you are done already, you can close it.",
    },
  },

  reset: {
    title: "Choose a new password",
    intro: (brand: string): string => `For your account at ${brand}. Saving it signs you out everywhere.`,
    password: "New password",
    submit: "Save new password",
    done: (brand: string): Message => ({
      title: "Your password is changed",
      text: `You are signed out everywhere. Sign in to ${brand} with the new password.`,
    }),
    dead: (brand: string, minutes: number): Message => ({
      title: DEAD,
      text: `A link for a new password works once, for ${minutes} minutes, and only the newest one. Ask for another where you sign in to ${brand}.`,
    }),
  },

  invitation: {
    title: (brand: string): string => `Join ${brand}`,
    intro: (brand: string): string =>
      `You were invited to ${brand}. If you do not know what this is about, close this page: nothing happens.`,
    newcomer: "You are new here. Choose a password, and how you want to be called.",
    firstName: "First name",
    lastName: "Last name",
    password: "Password",
    submit: "Accept the invitation",
    done: (brand: string): Message => ({
      title: `Welcome to ${brand}`,
      text: "You are a member now and can sign in.",
    }),
    dead: (days: number): Message => ({
      title: DEAD,
      text: `An invitation works once, for ${days} days, and only the newest one. If you have not accepted it yet, ask whoever invited you for another.`,
    }),
  },

  verifyEmail: {
    title: "Is this your email address?",
    intro: (brand: string): string =>
      `Somebody signed up at ${brand} with the address that this mail went to. If that was you, please confirm.`,
    confirm: "Confirm my email address",
    disown: "This was not me",
    disownHint: "If it was not you, say so, and what was set up in your name is removed.",
    verified: (brand: string): Message => ({
      title: "Your email address is confirmed",
      text: `You can sign in to ${brand} now.`,
    }),
    disowned: (brand: string): Message => ({
      title: "Thank you for telling us",
      text: `Nothing was confirmed. What somebody set up with your address at ${brand} is gone, and so is the link. You need not do anything else.`,
    }),
    dead: (brand: string, hours: number): Message => ({
      title: DEAD,
      text: `A link to confirm an email address works for ${hours} hours, and only the newest one. Try to sign in to ${brand}: if the address still needs to be confirmed, you are sent another mail.`,
    }),
  },
};
