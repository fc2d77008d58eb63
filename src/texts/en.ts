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

  /** Findings of the API, by what it says. */
  findings: {
    "Email should be an email address": "This is not an email address. It looks like name@example.com.",
    "Username should have 1 to 64 characters without spaces and @":
      "A username has 1 to 64 characters, without spaces and @.",
    "Password should have at least 8 characters": "The password needs at least 8 characters.",
    "Password should have at most 256 characters": "The password may have at most 256 characters.",
    "String should have at most 1024 characters": "The password may have at most 256 characters.",
    "String should have at most 320 characters": "This is too long for an email address.",
    "String should have at most 256 characters": "This is longer than any setup token. Please copy it again.",
  },

  copying: {
    copy: "Copy",
    copied: "Copied.",
    notCopied: "Copying is not possible here. It is selected now: copy it by your keyboard or menu.",
  },

  setup: {
    title: "Make the first account",
    intro: "This server is new. Its first account looks after everything here: tenants, people and settings.",
    token: "Setup token",
    tokenHint:
      "The server printed a link when it started. Open that link, or copy what stands after token= in it.",
    wrongToken: "This is not the setup token of this server. Copy it again from what the server printed.",
    email: "Email address",
    emailHint: "You sign in with it, and get a mail there if you forget your password.",
    username: "Username",
    usernameHint: "Short, for scripts and the command line.",
    password: "Password",
    submit: "Make the account",
    made: {
      title: "The account is made",
      text: "Only signing in did not work just now. Please sign in with your email address and password.",
    },
    done: {
      title: "This server is set up",
      text: "Its first account exists. If it is yours, sign in to go on.",
    },
    signIn: "Sign in",
  },

  cli: {
    title: "Sign in on your command line",
    signedInAs: "You are signed in as {name} at {place}.",
    intro: (seconds: number): string =>
      `A program on your command line that asks for a code can go on as you. The code works once, within ${seconds} seconds. Whoever has it is signed in as you: type it into your own command line and show it to nobody.`,
    make: "Make a code for my command line",
    codeTitle: "Your code",
    codeIntro: "Paste it where your command line asks for it, and show it to nobody.",
    remains: "Good for {time} more.",
    over: {
      title: "This code is over",
      text: "If your command line has taken it, you are done and can close this page.",
    },
    makeAnother: "Make another code",
    takeTitle: "Sign in to this browser?",
    takeIntro:
      "A command line made this link, and its sign-in goes on in this browser. Do this only if you ran the command yourself just now: otherwise you would be working in somebody else’s account.",
    takesPlaceOf: "You are signed in here as {name}. The other sign-in takes its place in this browser.",
    take: "Sign in here",
    dead: (seconds: number): Message => ({
      title: DEAD,
      text: `A code works once, for ${seconds} seconds, and while the sign-in lives that made it. Run the command again for a new link.`,
    }),
    refusals: {
      IMPERSONATION_FORBIDDEN:
        "You are acting as somebody else. That cannot be handed on: stop acting first.",
      MFA_ENROLMENT_REQUIRED: "Your account needs a second factor first. Set one up on your account page.",
    },
  },
};
