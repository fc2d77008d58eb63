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

  devices: {
    address: "Adresse",
    words: {
      agent: "{program} unter {system}",
      agentUnknown: "Ein Programm, das seinen Namen nicht nennt",
    },
  },

  copying: {
    copy: "Kopieren",
    copied: "Kopiert.",
    notCopied: "Kopieren geht hier nicht. Es ist jetzt markiert: Kopieren Sie es mit Tastatur oder Menü.",
  },

  pendingSignIns: {
    none: "Keine Anmeldung wartet.",
    organization: "Bei",
    begun: "Begonnen",
    number: "Zahl auf dem anderen Bildschirm",
    numberHint: "Zwei Ziffern. Stimmen Sie nur zu, wenn Sie sie auf einem eigenen Bildschirm sehen.",
    approve: "Zustimmen",
    reject: "Das war ich nicht: ablehnen",
    again: "Noch einmal nachsehen",
    words: {
      pendingNone: "Keine Anmeldung wartet.",
      pendingFound: "Wartende Anmeldungen: {count}",
      pendingApproved: "Zugestimmt. Auf dem anderen Bildschirm geht es von selbst weiter.",
      pendingRejected:
        "Abgelehnt. Wenn Sie es nicht waren, kennt jemand Ihr Passwort: Ändern Sie es so bald wie möglich.",
      WRONG_NUMBER:
        "Das war eine andere Zahl, deshalb wurde die Anmeldung abgelehnt. Wenn es Ihre ist, beginnen Sie sie noch einmal.",
      LOGIN_DECIDED: "Diese Anmeldung ist schon vorbei.",
      NOT_FOUND: "Das gibt es nicht mehr.",
      FORBIDDEN:
        "Sie müssen hier mit Ihrem zweiten Schritt angemeldet sein, bevor Sie anderen zustimmen können.",
      "String does not have the expected form":
        "Geben Sie die zwei Ziffern ein, die der andere Bildschirm zeigt.",
    },
  },

  account: {
    title: "Ihr Konto",
    sections: "Abschnitte",
    loading: "Einen Moment …",
    signOut: "Abmelden",
    cancel: "Abbrechen",
    actingStop: "Beenden",
    actingHint: "Sie sehen das Konto und können nichts daran ändern.",
    enrolFirst: {
      title: "Noch ein Schritt",
      text: "Ihre Organisation verlangt von allen einen zweiten Schritt bei der Anmeldung. Richten Sie hier einen ein; dann öffnet sich der Rest Ihres Kontos.",
    },
    reauth: {
      title: "Bitte melden Sie sich noch einmal an",
      text: "Ihre Anmeldung liegt eine Weile zurück, oder der zweite Schritt fehlte dabei. Vor dieser Änderung möchten wir sicher sein, dass Sie es sind. Danach kommen Sie an diese Stelle zurück.",
      go: "Neu anmelden",
    },
    pending: {
      title: "Wartet auf Sie",
      intro: "Jemand meldet sich mit Ihrem Passwort an und braucht Ihre Zustimmung.",
    },
    profile: {
      title: "Profil",
      firstName: "Vorname",
      lastName: "Nachname",
      save: "Speichern",
      email: "E-Mail-Adresse",
      username: "Benutzername",
      organizations: "Organisationen",
    },
    password: {
      title: "Passwort",
      intro: "Wenn Sie es ändern, werden Sie auf allen anderen Geräten abgemeldet.",
      current: "Bisheriges Passwort",
      next: "Neues Passwort",
      hint: "Ein paar Wörter hintereinander sind sicher und leicht zu merken.",
      submit: "Passwort ändern",
    },
    twoStep: {
      title: "Anmeldung in zwei Schritten",
      intro:
        "Neben Ihrem Passwort zeigen Sie etwas, das nur Sie haben. Ein Weg genügt; ein zweiter hilft, wenn der erste verloren geht.",
      turnOn: "Einschalten",
      turnOff: "Ausschalten",
      added: "Hinzugefügt",
      lastUsed: "Zuletzt benutzt",
    },
    totp: {
      title: "Authenticator-App",
      intro: "Eine App auf Ihrem Telefon zeigt sechs Ziffern, die jede halbe Minute wechseln.",
      setUp: "Authenticator-App einrichten",
      scan: "Scannen Sie dieses Bild mit der App.",
      qr: "QR-Code für Ihre Authenticator-App. Der Schlüssel darunter sagt dasselbe in Buchstaben.",
      key: "Oder geben Sie diesen Schlüssel in die App ein",
      code: "Sechs Ziffern, die die App zeigt",
      confirm: "Einschalten",
      off: "Authenticator-App ausschalten",
      offText: "Sie werden dann nicht mehr nach ihren Ziffern gefragt.",
      offCode: "Sechs Ziffern der App oder ein Ersatzcode",
    },
    passkeys: {
      title: "Passkeys",
      intro:
        "Sie melden sich mit Fingerabdruck, Gesicht, der PIN Ihres Geräts oder einem Sicherheitsschlüssel an. Niemand kann Ihnen das ablisten.",
      none: "Sie haben noch keinen Passkey.",
      add: "Passkey hinzufügen",
      unsupported: "Dieser Browser kann keine Passkeys anlegen.",
      name: "Name",
      nameHint: "Damit Sie ihn später erkennen. Dann fragt Ihr Browser, wo er ihn ablegen soll.",
      remove: "Entfernen",
    },
    emailCodes: {
      title: "Codes per E-Mail",
      intro:
        "Bei jeder Anmeldung schicken wir Ihnen sechs Ziffern. Gut als zweiter Weg; schwächer als die anderen.",
      confirm: "Codes per E-Mail einschalten",
      sent: "Wir haben sechs Ziffern an Ihre E-Mail-Adresse geschickt. Sie gelten zehn Minuten lang.",
      code: "Sechs Ziffern aus der E-Mail",
      off: "Codes per E-Mail ausschalten",
      appCode: "Sechs Ziffern Ihrer Authenticator-App oder ein Ersatzcode",
      mailCode: "Sechs Ziffern aus der E-Mail oder ein Ersatzcode",
    },
    backupCodes: {
      title: "Ersatzcodes",
      intro: "Für den Tag, an dem Sie nichts anderes zur Hand haben. Jeder gilt einmal.",
      make: "Neue anlegen",
      makeText: "Die alten gelten dann nicht mehr.",
      appCode: "Sechs Ziffern Ihrer Authenticator-App",
      oldCode: "Einer Ihrer Ersatzcodes",
      shown: "Ihre neuen Ersatzcodes",
      shownText:
        "Wir zeigen sie nur dieses eine Mal. Bewahren Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden. Ältere gelten nicht mehr.",
      download: "Herunterladen",
      print: "Drucken",
      kept: "Ich habe sie aufbewahrt",
    },
    sessions: {
      title: "Anmeldungen",
      intro: "Wo Sie angemeldet sind. Beenden Sie, was Sie nicht erkennen, und ändern Sie dann Ihr Passwort.",
      whose: "Durch",
      organization: "Bei",
      begun: "Angemeldet",
      seen: "Zuletzt gesehen",
      end: "Beenden",
      endOthers: "Alle anderen beenden",
    },
    devices: {
      title: "Vertraute Geräte",
      intro: "Sie müssen Ihren zweiten Schritt nicht jedes Mal zeigen.",
      none: "Keinem Gerät wird vertraut.",
      begun: "Vertraut seit",
      until: "Bis",
      forget: "Vergessen",
    },
    keys: {
      title: "API-Schlüssel",
      intro: "Für Skripte und Programme. Ein Schlüssel kann, was Sie können: Geben Sie ihn niemandem.",
      none: "Sie haben keinen Schlüssel.",
      name: "Name für einen neuen Schlüssel",
      nameHint: "Wofür er ist.",
      make: "Schlüssel anlegen",
      begun: "Angelegt",
      used: "Zuletzt benutzt",
      until: "Gilt bis",
      remove: "Löschen",
      shown: "Ihr neuer Schlüssel",
      shownText: "Wir zeigen ihn nur dieses eine Mal. Legen Sie ihn dort ab, wo das Programm ihn liest.",
      kept: "Ich habe ihn aufbewahrt",
    },
    findings: {
      "Password should have at least {n} characters": "Das Passwort braucht mindestens {n} Zeichen.",
      "Password should have at most {n} characters": "Das Passwort darf höchstens {n} Zeichen haben.",
      "Password is not valid Unicode text":
        "Im Passwort steht etwas, das kein Text ist. Bitte tippen Sie es ein.",
      "Password is one of those most often used, and guessed first; choose another":
        "Dieses Passwort gehört zu den häufigsten und wird zuerst geraten. Wählen Sie ein anderes.",
      "Password should be more than a name, an email or the name of this service with a few additions":
        "Das Passwort sollte mehr sein als Ihr Name, Ihre Adresse oder der Name dieses Dienstes mit ein paar Zusätzen.",
      "Input should be 1 to 100 printable characters":
        "Höchstens 100 Zeichen, und nur solche, die man sehen kann.",
      "Name should have 1 to 100 printable characters":
        "Höchstens 100 Zeichen, und nur solche, die man sehen kann.",
      "String should have at most {n} characters": "Das ist zu lang: höchstens {n} Zeichen.",
    },
    words: {
      "role.owner": "Inhaber",
      "role.admin": "Verwaltung",
      "role.member": "Mitglied",
      memberOf: "{name} ({role})",
      acting: "{actor} handelt als {user}",
      saved: "Gespeichert.",
      passwordChanged: "Ihr Passwort ist geändert. Ihre anderen Anmeldungen sind beendet.",
      on: "Ein",
      off: "Aus",
      never: "Noch nicht benutzt",
      totpOn: "Die Authenticator-App ist eingeschaltet.",
      totpOff: "Die Authenticator-App ist ausgeschaltet.",
      emailOn: "Codes per E-Mail sind eingeschaltet.",
      emailOff: "Codes per E-Mail sind ausgeschaltet.",
      passkeyAdded: "Der Passkey „{name}“ ist hinzugefügt.",
      passkeyRemove: "Passkey „{name}“ entfernen?",
      passkeyRemoveText: "Sie können sich damit nicht mehr anmelden. Löschen Sie ihn auch auf Ihrem Gerät.",
      passkeyRemoved: "Der Passkey „{name}“ ist entfernt.",
      remove: "Entfernen",
      thisOne: "Diese hier",
      actingAsYou: "Jemand aus der Verwaltung, in Ihrem Namen",
      codesLeft: "Übrig: {count} von 10",
      codesNone: "Mit Ihrem ersten Weg bekommen Sie zehn Stück.",
      codesFile: "ersatzcodes.txt",
      codesFor: "Ersatzcodes für {name} bei {brand}, angelegt am {time}. Jeder gilt einmal.",
      codesKept: "Gut. Sie sehen sie nicht wieder.",
      sessionEnd: "Diese Anmeldung beenden?",
      sessionEndText: "{agent}, {address}. Wer sie benutzt, muss sich neu anmelden.",
      sessionEnded: "Diese Anmeldung ist beendet.",
      sessionsEnd: "Alle anderen Anmeldungen beenden?",
      sessionsEndText: "Hier bleiben Sie angemeldet. Überall sonst müssen Sie sich neu anmelden.",
      sessionsEnded: "Alle anderen Anmeldungen sind beendet.",
      end: "Beenden",
      deviceForget: "Dieses Gerät vergessen?",
      deviceForgetText:
        "{agent}, {address}. Es muss bei der nächsten Anmeldung Ihren zweiten Schritt zeigen.",
      deviceForgotten: "Das Gerät ist vergessen.",
      forget: "Vergessen",
      keyNameless: "Von der Anmeldung mit einem Programm",
      keyDelete: "Schlüssel „{name}“ löschen?",
      keyDeleteText: "Programme, die ihn benutzen, hören sofort auf zu arbeiten.",
      keyDeleted: "Der Schlüssel „{name}“ ist gelöscht.",
      keyKept: "Gut. Sie sehen den Schlüssel nicht wieder.",
      delete: "Löschen",
      WRONG_PASSWORD: "Das ist nicht Ihr bisheriges Passwort.",
      INVALID_CODE:
        "Dieser Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten und versuchen Sie es noch einmal.",
      ENROLMENT_NOT_STARTED:
        "Der Anfang liegt zu lange zurück. Schließen Sie dies und beginnen Sie noch einmal.",
      INVALID_CREDENTIAL:
        "Das hat zu lange gedauert oder nicht geklappt. Bitte versuchen Sie es noch einmal.",
      LAST_FACTOR:
        "Ihre Organisation verlangt einen zweiten Schritt, und dies ist Ihr letzter. Fügen Sie zuerst einen anderen hinzu.",
      MFA_ALREADY_ENABLED: "Das ist schon eingeschaltet. Laden Sie die Seite neu, um es zu sehen.",
      MFA_NOT_ENABLED: "Das ist schon ausgeschaltet. Laden Sie die Seite neu, um es zu sehen.",
      NO_VERIFIED_EMAIL:
        "Ihr Konto hat keine bestätigte E-Mail-Adresse; deshalb können wir Ihnen keine Codes schicken.",
      KEY_LIMIT_REACHED: "Sie haben zehn Schlüssel, mehr geht nicht. Löschen Sie zuerst einen.",
      PASSKEY_LIMIT_REACHED: "Sie haben zwanzig Passkeys, mehr geht nicht. Entfernen Sie zuerst einen.",
      PASSKEY_CANCELLED:
        "Es wurde kein Passkey angelegt: Es wurde abgebrochen oder hat zu lange gedauert. Sie können es noch einmal versuchen.",
      PASSKEY_KNOWN: "Auf diesem Gerät liegt schon ein Passkey für Ihr Konto.",
      PASSKEY_FAILED: "Ihr Browser konnte hier keinen Passkey anlegen.",
    },
  },
};
