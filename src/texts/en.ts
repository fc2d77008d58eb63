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
    signIn: "Sign in",
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

  /** What the API finds wrong with a field. */
  findings: {
    email: "This does not look like an email address. Please check it.",
    name: "Please use 1 to 100 letters, digits and signs.",
    shortPassword: (minLength: number): string => `Password should have at least ${minLength} characters`,
    longPassword: "A password can have at most 256 characters.",
    commonPassword:
      "This password is one of those most often used, and guessed first. Please choose another.",
    guessablePassword:
      "This password is little more than a name, an email address or the name of this service. Please choose another.",
    oddPassword: "This password holds signs that cannot be used. Please choose another.",
  },

  signIn: {
    title: "Sign in",
    titleAt: (brand: string): string => `Sign in to ${brand}`,
    email: "Email address",
    password: "Password",
    remember: "Keep me signed in on this device",
    next: "Continue",
    submit: "Sign in",
    withPasskey: "Sign in with a passkey",
    forgot: "Forgot your password?",
    register: "Create an account",
    change: "Use another email address",
    choose: "Where do you want to sign in?",
    organization: "Which organization is it?",
    slug: "Short name of the organization",
    slugHint: "It stands in the address of its sign-in page, such as acme.",
    enterPassword: "Enter your password",
    signedIn: "You are signed in already",
    goOnAs: "Continue as {name}",
    asAnother: "Sign in again, or as somebody else",
    unverified: "Confirm your email address first",
    unverifiedText:
      "A mail with a link is on its way to {email}, unless one went out a moment ago. Open the link, then come back and sign in. If nothing comes, look into the folder for unwanted mail.",
    back: "Back to sign-in",
    done: "You are signed in",
    doneGoOn: "Continue",
  },

  /** The second factor of a sign-in. */
  factor: {
    totp: "Enter the code of your app",
    totpCode: "Code",
    totpHint:
      "Six digits, which your authenticator app shows. They are checked as soon as the last one is in.",
    email: "Enter the code from the mail",
    emailCode: "Code",
    emailHint: "Six digits, mailed to {email}. They are checked as soon as the last one is in.",
    resend: "Send another code",
    webauthn: "Show your passkey",
    webauthnText: "Your browser asks for your passkey or security key.",
    backupCode: "Enter a backup code",
    backupCodeLabel: "Backup code",
    backupCodeHint: "One of those that you kept when you turned the second factor on. Each works once.",
    trust: "Do not ask on this device for 30 days",
    submit: "Continue",
    useWebauthn: "Use my passkey",
    ways: "Other ways to go on",
    byTotp: "Use the code of an app",
    byEmail: "Get a code by mail",
    byWebauthn: "Use a passkey",
    byBackupCode: "Use a backup code",
  },

  /** For the browser's part of signing in; those in capitals by the API's codes. */
  signInAnswers: {
    INVALID_CREDENTIALS: "The email address and the password do not fit together. Please check both.",
    INVALID_MFA_CODE: "That code is not right, or no longer. Please enter a new one.",
    INVALID_MFA_TOKEN: "That took too long, or too many codes were wrong. Please sign in again.",
    TENANT_NOT_FOUND: "There is no organization with that short name. Please check it.",
    noPasskey: "No passkey was shown. Try it again, or sign in another way.",
    passkeyRefused: "That passkey cannot be used here. Try another one, or sign in another way.",
    resent: "A code is on its way. Only the newest one works.",
    resendLater: "You can ask for another code in {time}.",
  },

  register: {
    title: (brand: string): string => `Create an account at ${brand}`,
    email: "Email address",
    firstName: "First name",
    lastName: "Last name",
    password: "Password",
    submit: "Create account",
    signIn: "I have an account already",
    pending: "Look into your mailbox",
    pendingText:
      "A mail is on its way to {email}. Open the link in it to go on. If nothing comes within a few minutes, look into the folder for unwanted mail.",
    active: "Your account is ready",
    activeText: "You can sign in now.",
    toSignIn: "Sign in",
    off: (brand: string): Message => ({
      title: "Accounts are not created here",
      text: `${brand} does not let people create an account by themselves. Ask for an invitation, or sign in if you have an account.`,
    }),
    again: "Use another email address",
    robot: "Checking that you are no robot",
    CAPTCHA_REQUIRED: "The check that you are no robot did not work. Please try again.",
    REGISTRATION_DISABLED: "Accounts are no longer created here.",
  },

  forgot: {
    title: "Forgot your password?",
    intro: (brand: string): string =>
      `Enter the email address of your account at ${brand}. You get a mail with a link to choose a new password.`,
    email: "Email address",
    submit: "Send the link",
    sent: "Look into your mailbox",
    sentText: (minutes: number): string =>
      `If there is an account with the address {email}, a mail with a link is on its way. The link works for ${minutes} minutes. If nothing comes, look into the folder for unwanted mail, and check the address.`,
    again: "Use another email address",
    signIn: "Back to sign-in",
  },
};
