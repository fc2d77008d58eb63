// Everything that people read, in German.
import type { Texts } from "./texts.ts";

const DEAD = "Dieser Link gilt nicht mehr";

export const de: Texts = {
  name: "Deutsch",

  frame: {
    languages: "Sprache",
    needsScript:
      "Diese Seite braucht JavaScript. Schalten Sie es in Ihrem Browser ein und laden Sie die Seite neu.",
  },

  form: {
    showPassword: "Passwort anzeigen",
    optional: "freiwillig",
    passwordHint: (minLength) =>
      `Mindestens ${minLength} Zeichen. Ein paar Wörter hintereinander sind sicher und leicht zu merken.`,
  },

  answers: {
    missing: "Bitte füllen Sie dieses Feld aus.",
    waiting: "Einen Moment …",
    limited: "Zu viele Versuche. Bitte versuchen Sie es in {time} noch einmal.",
    busy: "Der Server ist ausgelastet. Es wurde nichts geändert; bitte versuchen Sie es gleich noch einmal.",
    offline: "Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
    failed: "Das hat nicht geklappt, und es liegt nicht an Ihnen. Bitte versuchen Sie es später noch einmal.",
    goOn: "Weiter zu {host}",
  },

  link: {
    signIn: "Anmelden",
    incomplete: {
      title: "Bitte öffnen Sie den Link in der E-Mail noch einmal",
      text: "Hier fehlt ein Teil davon. Das passiert, wenn die Seite neu geladen oder nur ein Stück des Links kopiert wurde. Wenn Sie schon fertig sind, können Sie die Seite schließen.",
    },
  },

  reset: {
    title: "Neues Passwort wählen",
    intro: (brand) => `Für Ihr Konto bei ${brand}. Wenn Sie es speichern, werden Sie überall abgemeldet.`,
    password: "Neues Passwort",
    submit: "Neues Passwort speichern",
    done: (brand) => ({
      title: "Ihr Passwort ist geändert",
      text: `Sie sind überall abgemeldet. Melden Sie sich bei ${brand} mit dem neuen Passwort an.`,
    }),
    dead: (brand, minutes) => ({
      title: DEAD,
      text: `Ein Link für ein neues Passwort gilt einmal, ${minutes} Minuten lang, und nur der neueste. Fordern Sie dort, wo Sie sich bei ${brand} anmelden, einen anderen an.`,
    }),
  },

  invitation: {
    title: (brand) => `${brand} beitreten`,
    intro: (brand) =>
      `Sie wurden zu ${brand} eingeladen. Wenn Sie nicht wissen, worum es geht, schließen Sie diese Seite: Es passiert nichts.`,
    newcomer: "Sie sind neu hier. Wählen Sie ein Passwort, und wie Sie genannt werden möchten.",
    firstName: "Vorname",
    lastName: "Nachname",
    password: "Passwort",
    submit: "Einladung annehmen",
    done: (brand) => ({
      title: `Willkommen bei ${brand}`,
      text: "Sie sind jetzt Mitglied und können sich anmelden.",
    }),
    dead: (days) => ({
      title: DEAD,
      text: `Eine Einladung gilt einmal, ${days} Tage lang, und nur die neueste. Wenn Sie sie noch nicht angenommen haben, bitten Sie um eine neue.`,
    }),
  },

  verifyEmail: {
    title: "Ist das Ihre E-Mail-Adresse?",
    intro: (brand) =>
      `Jemand hat sich bei ${brand} mit der Adresse registriert, an die diese E-Mail ging. Wenn Sie das waren, bestätigen Sie es bitte.`,
    confirm: "Meine E-Mail-Adresse bestätigen",
    disown: "Das war ich nicht",
    disownHint: "Wenn Sie es nicht waren, sagen Sie es: Was in Ihrem Namen angelegt wurde, wird entfernt.",
    verified: (brand) => ({
      title: "Ihre E-Mail-Adresse ist bestätigt",
      text: `Sie können sich jetzt bei ${brand} anmelden.`,
    }),
    disowned: (brand) => ({
      title: "Danke für den Hinweis",
      text: `Es wurde nichts bestätigt. Was jemand mit Ihrer Adresse bei ${brand} angelegt hat, ist entfernt, und der Link auch. Mehr müssen Sie nicht tun.`,
    }),
    dead: (brand, hours) => ({
      title: DEAD,
      text: `Ein Link zum Bestätigen einer E-Mail-Adresse gilt ${hours} Stunden lang, und nur der neueste. Versuchen Sie, sich bei ${brand} anzumelden: Wenn die Adresse noch bestätigt werden muss, bekommen Sie eine neue E-Mail.`,
    }),
  },

  findings: {
    email: "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie sie.",
    name: "Bitte verwenden Sie 1 bis 100 Buchstaben, Ziffern und Zeichen.",
    shortPassword: (minLength) => `Das Passwort muss mindestens ${minLength} Zeichen lang sein.`,
    longPassword: "Ein Passwort kann höchstens 256 Zeichen lang sein.",
    commonPassword:
      "Dieses Passwort gehört zu den häufigsten und wird zuerst erraten. Bitte wählen Sie ein anderes.",
    guessablePassword:
      "Dieses Passwort ist kaum mehr als ein Name, eine E-Mail-Adresse oder der Name dieses Dienstes. Bitte wählen Sie ein anderes.",
    oddPassword: "Dieses Passwort enthält unbrauchbare Zeichen. Bitte wählen Sie ein anderes.",
  },

  signIn: {
    title: "Anmelden",
    titleAt: (brand) => `Bei ${brand} anmelden`,
    email: "E-Mail-Adresse",
    password: "Passwort",
    remember: "Auf diesem Gerät angemeldet bleiben",
    next: "Weiter",
    submit: "Anmelden",
    withPasskey: "Mit Passkey anmelden",
    forgot: "Passwort vergessen?",
    register: "Konto anlegen",
    change: "Andere E-Mail-Adresse verwenden",
    choose: "Wo möchten Sie sich anmelden?",
    organization: "Um welche Organisation geht es?",
    slug: "Kurzname der Organisation",
    slugHint: "Er steht in der Adresse ihrer Anmeldeseite, zum Beispiel acme.",
    enterPassword: "Geben Sie Ihr Passwort ein",
    signedIn: "Sie sind schon angemeldet",
    goOnAs: "Weiter als {name}",
    asAnother: "Neu oder als jemand anderes anmelden",
    unverified: "Bestätigen Sie zuerst Ihre E-Mail-Adresse",
    unverifiedText:
      "Eine E-Mail mit einem Link ist unterwegs an {email}, außer es ging gerade erst eine hinaus. Öffnen Sie den Link und melden Sie sich dann hier an. Wenn nichts ankommt, sehen Sie im Spam-Ordner nach.",
    back: "Zurück zur Anmeldung",
    done: "Sie sind angemeldet",
    doneGoOn: "Weiter",
  },

  factor: {
    totp: "Geben Sie den Code aus Ihrer App ein",
    totpCode: "Code",
    totpHint:
      "Sechs Ziffern, die Ihre Authenticator-App anzeigt. Sie werden geprüft, sobald die letzte eingegeben ist.",
    email: "Geben Sie den Code aus der E-Mail ein",
    emailCode: "Code",
    emailHint: "Sechs Ziffern, gesendet an {email}. Sie werden geprüft, sobald die letzte eingegeben ist.",
    resend: "Neuen Code senden",
    webauthn: "Zeigen Sie Ihren Passkey",
    webauthnText: "Ihr Browser fragt nach Ihrem Passkey oder Sicherheitsschlüssel.",
    backupCode: "Geben Sie einen Ersatzcode ein",
    backupCodeLabel: "Ersatzcode",
    backupCodeHint:
      "Einer von denen, die Sie beim Einrichten des zweiten Faktors aufbewahrt haben. Jeder gilt einmal.",
    trust: "Auf diesem Gerät 30 Tage lang nicht mehr fragen",
    submit: "Weiter",
    useWebauthn: "Passkey verwenden",
    ways: "Andere Wege",
    byTotp: "Code aus einer App verwenden",
    byEmail: "Code per E-Mail bekommen",
    byWebauthn: "Passkey verwenden",
    byBackupCode: "Ersatzcode verwenden",
  },

  signInAnswers: {
    INVALID_CREDENTIALS: "E-Mail-Adresse und Passwort passen nicht zusammen. Bitte prüfen Sie beides.",
    INVALID_MFA_CODE: "Dieser Code stimmt nicht oder nicht mehr. Bitte geben Sie einen neuen ein.",
    INVALID_MFA_TOKEN:
      "Das hat zu lange gedauert, oder zu viele Codes waren falsch. Bitte melden Sie sich noch einmal an.",
    TENANT_NOT_FOUND: "Eine Organisation mit diesem Kurznamen gibt es nicht. Bitte prüfen Sie ihn.",
    noPasskey: "Es wurde kein Passkey gezeigt. Versuchen Sie es noch einmal, oder melden Sie sich anders an.",
    passkeyRefused:
      "Dieser Passkey gilt hier nicht. Versuchen Sie einen anderen, oder melden Sie sich anders an.",
    resent: "Ein Code ist unterwegs. Nur der neueste gilt.",
    resendLater: "Sie können in {time} einen neuen Code anfordern.",
  },

  register: {
    title: (brand) => `Konto bei ${brand} anlegen`,
    email: "E-Mail-Adresse",
    firstName: "Vorname",
    lastName: "Nachname",
    password: "Passwort",
    submit: "Konto anlegen",
    signIn: "Ich habe schon ein Konto",
    pending: "Sehen Sie in Ihr Postfach",
    pendingText:
      "Eine E-Mail ist unterwegs an {email}. Öffnen Sie den Link darin, um weiterzumachen. Wenn in ein paar Minuten nichts ankommt, sehen Sie im Spam-Ordner nach.",
    active: "Ihr Konto ist angelegt",
    activeText: "Sie können sich jetzt anmelden.",
    toSignIn: "Anmelden",
    off: (brand) => ({
      title: "Hier kann man kein Konto anlegen",
      text: `Bei ${brand} kann man nicht selbst ein Konto anlegen. Bitten Sie um eine Einladung, oder melden Sie sich an, wenn Sie ein Konto haben.`,
    }),
    again: "Andere E-Mail-Adresse verwenden",
    robot: "Es wird geprüft, dass Sie kein Roboter sind",
    CAPTCHA_REQUIRED:
      "Die Prüfung, dass Sie kein Roboter sind, hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
    REGISTRATION_DISABLED: "Hier werden keine Konten mehr angelegt.",
  },

  forgot: {
    title: "Passwort vergessen?",
    intro: (brand) =>
      `Geben Sie die E-Mail-Adresse Ihres Kontos bei ${brand} ein. Sie bekommen eine E-Mail mit einem Link, um ein neues Passwort zu wählen.`,
    email: "E-Mail-Adresse",
    submit: "Link senden",
    sent: "Sehen Sie in Ihr Postfach",
    sentText: (minutes) =>
      `Wenn es ein Konto mit der Adresse {email} gibt, ist eine E-Mail mit einem Link unterwegs. Der Link gilt ${minutes} Minuten lang. Wenn nichts ankommt, sehen Sie im Spam-Ordner nach und prüfen Sie die Adresse.`,
    again: "Andere E-Mail-Adresse verwenden",
    signIn: "Zurück zur Anmeldung",
  },
};
