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
    late: "This page is still loading. If nothing happens, load it again.",
    notFound: {
      title: "There is no such page",
      text: "Perhaps the address was typed wrong, or the organization that it belongs to is not here any more. Ask whoever gave it to you.",
    },
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

  /** Browsers and other programs that somebody is, was or wants to be signed in with. */
  devices: {
    address: "Address",
    words: {
      agent: "{program} on {system}",
      agentOnDevice: "{program} on {system}",
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
    ends: "Ends",
    signInAgain: "Sign in again",
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
    tryAgain: "Try again",
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
        "Besides your password you show something else that only you have. One such second step is enough; another one helps when the first is lost.",
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
      intro: "At each sign-in we mail you six digits. Good to have in reserve; weaker than the others.",
      confirm: "Turn on codes by email",
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
      codeSent: "We have sent six digits to your email address. They are good for ten minutes.",
      codeSentBefore:
        "We have sent six digits to your email address a short while ago. Each code is good once, for ten minutes; you can have another one sent in {time}.",
      passkeyAdded: "The passkey “{name}” is added.",
      passkeyRemove: "Remove the passkey “{name}”?",
      passkeyRemoveText: "You cannot sign in with it any more. Delete it on your device as well.",
      passkeyRemoved: "The passkey “{name}” is removed.",
      remove: "Remove",
      thisOne: "This one",
      thisDevice: "This one",
      actingAsYou: "An administrator, acting as you",
      codesLeft: "Left: {count} of 10",
      codesNone: "You get ten of them when you set up a second step.",
      codesFile: "backup-codes.txt",
      codesFor: "Backup codes for {name} at {brand}, made on {time}. Each is good once.",
      codesKept: "Good. You will not see them again.",
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
      keyKept: "Good. You will not see the key again.",
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

  setup: {
    title: "Make the first account",
    intro:
      "This server is new. Its first account looks after everything here: organizations, people and settings.",
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
    findings: {
      "Email should be an email address": "This is not an email address. It looks like name@example.com.",
      "Username should have 1 to 64 characters without spaces and @":
        "A username has 1 to 64 characters, without spaces and @.",
    },
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
      MFA_ENROLMENT_REQUIRED: "Your account needs a second step first. Set one up on your account page.",
    },
  },

  approve: {
    title: "Approve a sign-in",
    intro:
      "Somebody is signing in with your password. If that is you, type the number that the other screen shows.",
    signedInAs: "You are signed in as {name}.",
    looking: "This page looks by itself for new ones, as long as it is open.",
    gone: "The sign-in that you were told of does not wait any more: it was answered, took too long, or is not for this account.",
    account: "Go to your account",
    refusals: {
      MFA_ENROLMENT_REQUIRED: "Your account needs a second step first. Set one up on your account page.",
    },
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
        all_removed: "every second step of signing in was removed",
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

  /** What the API finds wrong with a field. */
  findings: {
    email: "This does not look like an email address. Please check it.",
    name: "Please use 1 to 100 letters, digits and signs.",
    shortPassword: "This password needs at least {n} characters.",
    tooLong: "This is too long: at most {n} characters.",
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
    backupCodeHint: "One of those that you kept when you set up the second step. Each works once.",
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
