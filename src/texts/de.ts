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
    "Email should be an email address": "Das ist keine E-Mail-Adresse. Sie sieht aus wie name@example.com.",
    "Username should have 1 to 64 characters without spaces and @":
      "Ein Benutzername hat 1 bis 64 Zeichen, ohne Leerzeichen und @.",
    "Password should have at least 8 characters": "Das Passwort braucht mindestens 8 Zeichen.",
    "Password should have at most 256 characters": "Das Passwort darf höchstens 256 Zeichen haben.",
    "String should have at most 1024 characters": "Das Passwort darf höchstens 256 Zeichen haben.",
    "String should have at most 320 characters": "Das ist zu lang für eine E-Mail-Adresse.",
    "String should have at most 256 characters":
      "Das ist länger als jeder Einrichtungsschlüssel. Bitte kopieren Sie ihn noch einmal.",
  },

  copying: {
    copy: "Kopieren",
    copied: "Kopiert.",
    notCopied: "Kopieren geht hier nicht. Es ist jetzt markiert: Kopieren Sie es mit Tastatur oder Menü.",
  },

  setup: {
    title: "Das erste Konto anlegen",
    intro:
      "Dieser Server ist neu. Das erste Konto verwaltet hier alles: Mandanten, Personen und Einstellungen.",
    token: "Einrichtungsschlüssel",
    tokenHint:
      "Der Server hat beim Start einen Link ausgegeben. Öffnen Sie diesen Link, oder kopieren Sie, was darin hinter token= steht.",
    wrongToken:
      "Das ist nicht der Einrichtungsschlüssel dieses Servers. Kopieren Sie ihn noch einmal aus dem, was der Server ausgegeben hat.",
    email: "E-Mail-Adresse",
    emailHint: "Damit melden Sie sich an, und dorthin geht eine E-Mail, wenn Sie Ihr Passwort vergessen.",
    username: "Benutzername",
    usernameHint: "Kurz, für Skripte und die Kommandozeile.",
    password: "Passwort",
    submit: "Konto anlegen",
    made: {
      title: "Das Konto ist angelegt",
      text: "Nur das Anmelden hat gerade nicht geklappt. Bitte melden Sie sich mit E-Mail-Adresse und Passwort an.",
    },
    done: {
      title: "Dieser Server ist eingerichtet",
      text: "Sein erstes Konto gibt es schon. Wenn es Ihres ist, melden Sie sich an.",
    },
    signIn: "Anmelden",
  },

  cli: {
    title: "Auf der Kommandozeile anmelden",
    signedInAs: "Sie sind als {name} bei {place} angemeldet.",
    intro: (seconds) =>
      `Ein Programm auf Ihrer Kommandozeile, das nach einem Code fragt, kann in Ihrem Namen weitermachen. Der Code gilt einmal, ${seconds} Sekunden lang. Wer ihn hat, ist als Sie angemeldet: Geben Sie ihn nur auf Ihrer eigenen Kommandozeile ein und zeigen Sie ihn niemandem.`,
    make: "Code für meine Kommandozeile erstellen",
    codeTitle: "Ihr Code",
    codeIntro: "Fügen Sie ihn dort ein, wo Ihre Kommandozeile danach fragt, und zeigen Sie ihn niemandem.",
    remains: "Gilt noch {time}.",
    over: {
      title: "Dieser Code gilt nicht mehr",
      text: "Wenn Ihre Kommandozeile ihn schon angenommen hat, sind Sie fertig und können die Seite schließen.",
    },
    makeAnother: "Neuen Code erstellen",
    takeTitle: "In diesem Browser anmelden?",
    takeIntro:
      "Eine Kommandozeile hat diesen Link erstellt, und ihre Anmeldung geht in diesem Browser weiter. Machen Sie das nur, wenn Sie den Befehl gerade selbst ausgeführt haben: Sonst arbeiten Sie in einem fremden Konto.",
    takesPlaceOf:
      "Sie sind hier als {name} angemeldet. Die andere Anmeldung tritt in diesem Browser an deren Stelle.",
    take: "Hier anmelden",
    dead: (seconds) => ({
      title: DEAD,
      text: `Ein Code gilt einmal, ${seconds} Sekunden lang, und nur, solange die Anmeldung besteht, mit der er erstellt wurde. Führen Sie den Befehl noch einmal aus, um einen neuen Link zu bekommen.`,
    }),
    refusals: {
      IMPERSONATION_FORBIDDEN:
        "Sie handeln gerade für jemand anderen. Das lässt sich nicht weitergeben: Beenden Sie es zuerst.",
      MFA_ENROLMENT_REQUIRED:
        "Ihr Konto braucht zuerst einen zweiten Faktor. Richten Sie ihn auf Ihrer Kontoseite ein.",
    },
  },
};
