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
};
