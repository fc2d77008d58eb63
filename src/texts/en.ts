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

  /** Browsers and other programs that somebody is, was or wants to be signed in with. */
  devices: {
    address: "Address",
    words: {
      agent: "{program} on {system}",
      agentUnknown: "A program that does not say its name",
    },
  },

  copying: {
    copy: "Copy",
    copied: "Copied.",
    notCopied: "Copying is not possible here. It is selected now: copy it by your keyboard or menu.",
  },

  pendingSignIns: {
    none: "No sign-in is waiting.",
    organization: "For",
    begun: "Began",
    number: "Number on the other screen",
    numberHint: "Two digits. Approve only if you see them on a screen of your own.",
    approve: "Approve",
    reject: "It was not me: reject",
    again: "Look again",
    words: {
      pendingNone: "No sign-in is waiting.",
      pendingFound: "Sign-ins that are waiting: {count}",
      pendingApproved: "Approved. The other screen goes on by itself.",
      pendingRejected:
        "Rejected. If it was not you, somebody knows your password: change it as soon as you can.",
      WRONG_NUMBER:
        "That was another number, so the sign-in was rejected. If it is yours, begin it once more.",
      LOGIN_DECIDED: "That sign-in is over already.",
      NOT_FOUND: "That is not there any more.",
      FORBIDDEN: "You have to sign in here with your second step before you can approve others.",
      "String does not have the expected form": "Type the two digits that the other screen shows.",
    },
  },

  account: {
    title: "Your account",
    sections: "Sections",
    loading: "One moment…",
    signOut: "Sign out",
    cancel: "Cancel",
    actingStop: "Stop",
    actingHint: "You see the account, and can change nothing in it.",
    enrolFirst: {
      title: "One more step",
      text: "Your organization asks everybody for a second step at signing in. Set one up here, and the rest of your account opens.",
    },
    reauth: {
      title: "Please sign in once more",
      text: "You signed in a while ago, or without your second step. Before this is changed we want to be sure that it is you. You come back to this place.",
      go: "Sign in again",
    },
    pending: {
      title: "Waiting for you",
      intro: "Somebody signs in with your password, and asks for your yes.",
    },
    profile: {
      title: "Profile",
      firstName: "First name",
      lastName: "Last name",
      save: "Save",
      email: "Email address",
      username: "Username",
      organizations: "Organizations",
    },
    password: {
      title: "Password",
      intro: "Changing it ends your sign-ins on all other devices.",
      current: "Current password",
      next: "New password",
      hint: "A few words in a row are strong and easy to remember.",
      submit: "Change password",
    },
    twoStep: {
      title: "Two-step sign-in",
      intro:
        "Besides your password you show something else that only you have. One way is enough; a second one helps when the first is lost.",
      turnOn: "Turn on",
      turnOff: "Turn off",
      added: "Added",
      lastUsed: "Last used",
    },
    totp: {
      title: "Authenticator app",
      intro: "An app on your phone shows six digits that change every half minute.",
      setUp: "Set up the authenticator app",
      scan: "Scan this picture with the app.",
      qr: "QR code for your authenticator app. The key below says the same in letters.",
      key: "Or type this key into the app",
      code: "Six digits that the app shows",
      confirm: "Turn on",
      off: "Turn off the authenticator app",
      offText: "You will not be asked for its digits any more.",
      offCode: "Six digits of the app, or a backup code",
    },
    passkeys: {
      title: "Passkeys",
      intro:
        "You sign in with your fingerprint, your face, your device's PIN or a security key. Nobody can trick you out of it.",
      none: "You have no passkey yet.",
      add: "Add a passkey",
      unsupported: "This browser cannot make passkeys.",
      name: "Name",
      nameHint: "So that you recognise it later. Then your browser asks you where to keep it.",
      remove: "Remove",
    },
    emailCodes: {
      title: "Codes by email",
      intro: "At each sign-in we mail you six digits. Good to have as a second way; weaker than the others.",
      confirm: "Turn on codes by email",
      sent: "We have sent six digits to your email address. They are good for ten minutes.",
      code: "Six digits from the email",
      off: "Turn off codes by email",
      appCode: "Six digits of your authenticator app, or a backup code",
      mailCode: "Six digits from the email, or a backup code",
    },
    backupCodes: {
      title: "Backup codes",
      intro: "For the day on which you have nothing else at hand. Each is good once.",
      make: "Make new ones",
      makeText: "The old ones are void then.",
      appCode: "Six digits of your authenticator app",
      oldCode: "One of your backup codes",
      shown: "Your new backup codes",
      shownText:
        "We show them this once. Keep them where you find them without your phone. Older ones are void.",
      download: "Download",
      print: "Print",
      kept: "I have kept them",
    },
    sessions: {
      title: "Sign-ins",
      intro: "Where you are signed in. End what you do not recognise, and then change your password.",
      whose: "By",
      organization: "In",
      begun: "Signed in",
      seen: "Last seen",
      end: "End",
      endOthers: "End all others",
    },
    devices: {
      title: "Trusted devices",
      intro: "They need not show your second step each time.",
      none: "No device is trusted.",
      begun: "Trusted since",
      until: "Until",
      forget: "Forget",
    },
    keys: {
      title: "API keys",
      intro: "For scripts and programs. A key can do what you can do: give it to nobody.",
      none: "You have no key.",
      name: "Name of a new key",
      nameHint: "What it is for.",
      make: "Make a key",
      begun: "Made",
      used: "Last used",
      until: "Good until",
      remove: "Delete",
      shown: "Your new key",
      shownText: "We show it this once. Keep it where the program reads it.",
      kept: "I have kept it",
    },
    findings: {
      "Password should have at least {n} characters": "The password needs at least {n} characters.",
      "Password should have at most {n} characters": "The password may have at most {n} characters.",
      "Password is not valid Unicode text": "The password holds something that is no text. Please type it.",
      "Password is one of those most often used, and guessed first; choose another":
        "That password is one of those most often used, and guessed first. Choose another.",
      "Password should be more than a name, an email or the name of this service with a few additions":
        "The password should be more than your name, your address or the name of this service with a few additions.",
      "Input should be 1 to 100 printable characters":
        "Use at most 100 characters, and only such as can be seen.",
      "Name should have 1 to 100 printable characters":
        "Use at most 100 characters, and only such as can be seen.",
      "String should have at most {n} characters": "That is too long: at most {n} characters.",
    },
    words: {
      "role.owner": "owner",
      "role.admin": "administrator",
      "role.member": "member",
      memberOf: "{name} ({role})",
      acting: "{actor} is acting as {user}",
      saved: "Saved.",
      passwordChanged: "Your password is changed. Your other sign-ins have ended.",
      on: "On",
      off: "Off",
      never: "Not used yet",
      totpOn: "The authenticator app is on.",
      totpOff: "The authenticator app is off.",
      emailOn: "Codes by email are on.",
      emailOff: "Codes by email are off.",
      passkeyAdded: "The passkey “{name}” is added.",
      passkeyRemove: "Remove the passkey “{name}”?",
      passkeyRemoveText: "You cannot sign in with it any more. Delete it on your device as well.",
      passkeyRemoved: "The passkey “{name}” is removed.",
      remove: "Remove",
      thisOne: "This one",
      actingAsYou: "An administrator, acting as you",
      codesLeft: "Left: {count} of 10",
      codesNone: "You get ten of them with your first way.",
      codesFile: "backup-codes.txt",
      codesFor: "Backup codes for {name} at {brand}, made on {time}. Each is good once.",
      codesKept: "Good. You see them no more.",
      sessionEnd: "End this sign-in?",
      sessionEndText: "{agent}, {address}. Whoever uses it has to sign in again.",
      sessionEnded: "That sign-in has ended.",
      sessionsEnd: "End all other sign-ins?",
      sessionsEndText: "You stay signed in here. Everywhere else you have to sign in again.",
      sessionsEnded: "All other sign-ins have ended.",
      end: "End",
      deviceForget: "Forget this device?",
      deviceForgetText: "{agent}, {address}. It has to show your second step at its next sign-in.",
      deviceForgotten: "That device is forgotten.",
      forget: "Forget",
      keyNameless: "From signing in with a program",
      keyDelete: "Delete the key “{name}”?",
      keyDeleteText: "Programs that use it stop working at once.",
      keyDeleted: "The key “{name}” is deleted.",
      keyKept: "Good. You see the key no more.",
      delete: "Delete",
      WRONG_PASSWORD: "That is not your current password.",
      INVALID_CODE: "That code is not right, or was used already. Wait for the next one and try again.",
      ENROLMENT_NOT_STARTED: "This was begun too long ago. Close it and begin once more.",
      INVALID_CREDENTIAL: "That took too long, or did not work. Please try again.",
      LAST_FACTOR: "Your organization asks for a second step, and this is your last. Add another one first.",
      MFA_ALREADY_ENABLED: "That is on already. Load the page again to see it.",
      MFA_NOT_ENABLED: "That is off already. Load the page again to see it.",
      NO_VERIFIED_EMAIL: "Your account has no confirmed email address, so we cannot mail you codes.",
      KEY_LIMIT_REACHED: "You have ten keys, and more are not possible. Delete one first.",
      PASSKEY_LIMIT_REACHED: "You have twenty passkeys, and more are not possible. Remove one first.",
      PASSKEY_CANCELLED: "No passkey was made: it was cancelled, or it took too long. You can try again.",
      PASSKEY_KNOWN: "This device holds a passkey for your account already.",
      PASSKEY_FAILED: "Your browser could not make a passkey here.",
    },
  },
};
