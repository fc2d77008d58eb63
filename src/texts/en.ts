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

  /**
   * By the kind of mail; `service` is what the reader knows us by. In plain ASCII, so that English goes through every mail server as it
   * stands here. Each ends with what to do for those who did not ask for it.
   */
  mail: {
    copyLink: "Or copy this link into your browser:",
    toAccount: "Go to your account",
    from: (address: string): string => `From: ${address}`,

    verify_email: {
      title: (service: string): string => `Confirm your email address for ${service}`,
      intro: (service: string): string =>
        `Welcome to ${service}. Please confirm that this email address is yours.`,
      action: "Confirm email address",
      lifetime: "The link works for 24 hours.",
      notYou:
        "If you did not sign up, somebody gave your address, perhaps by mistake. Ignore this mail and nothing comes of it, or open the link and say that it was not you.",
    },

    already_registered: {
      title: (service: string): string => `You already have an account at ${service}`,
      intro: (service: string, tenant: string): string =>
        `Somebody, most likely you, tried to sign up at ${service} (${tenant}) with this email address. It already has an account there.`,
      remedy: "Sign in as usual. If you do not remember your password, ask for a new one there.",
      action: "Sign in",
      notYou: "If this was not you, you need not do anything: your account has not changed.",
    },

    reset_password: {
      title: (service: string): string => `Set a new password for ${service}`,
      intro: (service: string): string => `Somebody asked for a new password for your account at ${service}.`,
      action: "Set a new password",
      lifetime: (minutes: number): string =>
        `The link works once, within ${minutes} minutes. Do not pass it on to anyone.`,
      notYou: "If this was not you, you need not do anything: your password stays as it is.",
    },

    password_changed: {
      title: (service: string): string => `Your password for ${service} was changed`,
      intro: (service: string): string =>
        `The password of your account at ${service} was changed, and your other devices were signed out.`,
      notYou:
        "If this was not you, somebody else may have your account: ask for a new password at once, and tell those who run the service.",
    },

    invitation: {
      title: (tenant: string): string => `Invitation to ${tenant}`,
      roles: { owner: "owner", admin: "admin", member: "member" },
      intro: (tenant: string, role: string): string => `You are invited to join "${tenant}" as ${role}.`,
      introBy: (tenant: string, role: string, by: string): string =>
        `"${by}" invites you to join "${tenant}" as ${role}.`,
      action: "See the invitation",
      notYou: "If you do not know what this is about, ignore this mail: nothing happens unless you accept.",
    },

    key_created: {
      title: (service: string): string => `A new API key for your account at ${service}`,
      intro: (service: string, key: string): string =>
        `A new API key named "${key}" was made for your account at ${service}.`,
      notYou:
        "If this was not you, somebody else may have your account: delete the key, change your password at once, and tell those who run the service.",
    },

    code: {
      title: (service: string): string => `Your code for ${service}`,
      intro: {
        login: (service: string): string => `This code finishes your sign-in to ${service}:`,
        enrol: (service: string): string => `This code turns on sign-in codes by email for ${service}:`,
        disable: (service: string): string => `This code turns off sign-in codes by email for ${service}:`,
      },
      lifetime: (service: string, minutes: number): string =>
        `It works once, within ${minutes} minutes. Nobody who works for ${service} will ever ask you for it.`,
      notYou: "If you did not ask for this, ignore this mail: nothing changes without the code.",
      notYouSigningIn: "If you are not signing in, somebody else knows your password: change it.",
    },

    magic_code: {
      title: (service: string): string => `Your code for ${service}`,
      intro: (service: string): string => `This code signs you in to ${service}:`,
      lifetime: (service: string, minutes: number): string =>
        `It works once, within ${minutes} minutes, and only where it was asked for. Nobody who works for ${service} will ever ask you for it.`,
      notYou: "If you did not ask for this, ignore this mail: nobody gets in without the code.",
    },

    login_waiting: {
      title: (service: string): string => `A sign-in to ${service} waits for you`,
      intro: (service: string): string => `Somebody who knows your password is signing in to ${service}.`,
      signIn: (id: string): string => `Sign-in: ${id}`,
      remedy: (minutes: number): string =>
        `If this is you, finish it there with a code, or approve it within ${minutes} minutes where you are signed in already: type the number that the waiting screen shows.`,
      action: "See who is asking",
      notYou: "If this is not you, reject it there and change your password: somebody else knows it.",
    },

    factor_changed: {
      title: (service: string): string => `How you sign in to ${service} has changed`,
      intro: (service: string, change: string): string => `On your account at ${service}, ${change}.`,
      changes: {
        totp_enabled: "codes from an authenticator app were turned on",
        totp_disabled: "codes from an authenticator app were turned off",
        email_enabled: "sign-in codes by email were turned on",
        email_disabled: "sign-in codes by email were turned off",
        passkey_added: "a passkey was added",
        passkey_removed: "a passkey was removed",
        backup_codes_made: "new backup codes were made, and the old ones are void",
        all_removed: "every second factor was removed",
      },
      notYou:
        "If this was not you, somebody else may have your account: change your password at once, and tell those who run the service.",
    },

    backup_code_used: {
      title: (service: string): string => `A backup code signed in to ${service}`,
      intro: (service: string): string =>
        `Somebody, most likely you, signed in to your account at ${service} with one of your backup codes.`,
      left: (left: number): string =>
        left === 0
          ? "It was the last one. Make new ones while you can still sign in."
          : `That code is spent; ${left} ${left === 1 ? "is" : "are"} left.`,
      notYou:
        "If this was not you, somebody has your password and your backup codes: change your password, make new codes at once, and tell those who run the service.",
    },

    signed_in_elsewhere: {
      title: (service: string): string => `A sign-in to ${service} from a new place`,
      intro: (service: string, time: string): string =>
        `On ${time}, somebody, most likely you, signed in to your account at ${service}.`,
      why: "You have signed in before, but of late neither from this address nor on this device: that is why we tell you.",
      notYou:
        "If this was not you, somebody else has your account: change your password at once, and tell those who run the service.",
    },

    impersonated: {
      title: (service: string): string => `An administrator looked into your account at ${service}`,
      intro: (service: string, time: string, by: string): string =>
        `On ${time}, "${by}" began to act as you at ${service}, for at most 15 minutes, and sees what you see there. Your password and the ways in which you sign in cannot be changed like that, and every step is on record.`,
      notYou: "If you do not know what this is about, ask those who run the service.",
    },
  },
};
