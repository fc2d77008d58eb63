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

  mail: {
    copyLink: "Oder kopieren Sie diesen Link in Ihren Browser:",
    toAccount: "Zu Ihrem Konto",
    from: (address) => `Von: ${address}`,

    verify_email: {
      title: (service) => `Bestätigen Sie Ihre E-Mail-Adresse für ${service}`,
      intro: (service) =>
        `Willkommen bei ${service}. Bitte bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört.`,
      action: "E-Mail-Adresse bestätigen",
      lifetime: "Der Link gilt 24 Stunden lang.",
      notYou:
        "Wenn Sie sich nicht registriert haben, hat jemand Ihre Adresse angegeben, vielleicht aus Versehen. Ignorieren Sie diese E-Mail, und es passiert nichts, oder öffnen Sie den Link und sagen Sie, dass Sie es nicht waren.",
    },

    already_registered: {
      title: (service) => `Sie haben schon ein Konto bei ${service}`,
      intro: (service, tenant) =>
        `Jemand, höchstwahrscheinlich Sie selbst, wollte sich bei ${service} (${tenant}) mit dieser E-Mail-Adresse registrieren. Dort gehört sie schon zu einem Konto.`,
      remedy:
        "Melden Sie sich an wie sonst auch. Wenn Sie Ihr Passwort nicht mehr wissen, fordern Sie dort ein neues an.",
      action: "Anmelden",
      notYou: "Wenn Sie das nicht waren, müssen Sie nichts tun: An Ihrem Konto hat sich nichts geändert.",
    },

    reset_password: {
      title: (service) => `Neues Passwort für ${service}`,
      intro: (service) => `Jemand hat ein neues Passwort für Ihr Konto bei ${service} angefordert.`,
      action: "Neues Passwort wählen",
      lifetime: (minutes) =>
        `Der Link gilt einmal, ${minutes} Minuten lang. Geben Sie ihn an niemanden weiter.`,
      notYou: "Wenn Sie das nicht waren, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.",
    },

    password_changed: {
      title: (service) => `Ihr Passwort für ${service} wurde geändert`,
      intro: (service) =>
        `Das Passwort Ihres Kontos bei ${service} wurde geändert, und Ihre anderen Geräte wurden abgemeldet.`,
      notYou:
        "Wenn Sie das nicht waren, hat vielleicht jemand anderes Ihr Konto: Fordern Sie sofort ein neues Passwort an, und sagen Sie denen Bescheid, die den Dienst betreiben.",
    },

    invitation: {
      title: (tenant) => `Einladung zu ${tenant}`,
      roles: { owner: "Inhaber", admin: "Administrator", member: "Mitglied" },
      intro: (tenant, role) => `Sie sind eingeladen, „${tenant}“ beizutreten. Ihre Rolle dort: ${role}.`,
      introBy: (tenant, role, by) =>
        `„${by}“ lädt Sie ein, „${tenant}“ beizutreten. Ihre Rolle dort: ${role}.`,
      action: "Einladung ansehen",
      notYou:
        "Wenn Sie nicht wissen, worum es geht, ignorieren Sie diese E-Mail: Es passiert nichts, solange Sie nicht annehmen.",
    },

    key_created: {
      title: (service) => `Ein neuer API-Schlüssel für Ihr Konto bei ${service}`,
      intro: (service, key) =>
        `Für Ihr Konto bei ${service} wurde ein neuer API-Schlüssel namens „${key}“ erstellt.`,
      notYou:
        "Wenn Sie das nicht waren, hat vielleicht jemand anderes Ihr Konto: Löschen Sie den Schlüssel, ändern Sie sofort Ihr Passwort, und sagen Sie denen Bescheid, die den Dienst betreiben.",
    },

    code: {
      title: (service) => `Ihr Code für ${service}`,
      intro: {
        login: (service) => `Mit diesem Code schließen Sie Ihre Anmeldung bei ${service} ab:`,
        enrol: (service) => `Dieser Code schaltet Anmeldecodes per E-Mail für ${service} ein:`,
        disable: (service) => `Dieser Code schaltet Anmeldecodes per E-Mail für ${service} aus:`,
      },
      lifetime: (service, minutes) =>
        `Er gilt einmal, ${minutes} Minuten lang. Niemand, der für ${service} arbeitet, wird Sie je danach fragen.`,
      notYou:
        "Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail: Ohne den Code ändert sich nichts.",
      notYouSigningIn:
        "Wenn Sie sich gerade nicht anmelden, kennt jemand anderes Ihr Passwort: Bitte ändern Sie es.",
    },

    magic_code: {
      title: (service) => `Ihr Code für ${service}`,
      intro: (service) => `Mit diesem Code melden Sie sich bei ${service} an:`,
      lifetime: (service, minutes) =>
        `Er gilt einmal, ${minutes} Minuten lang, und nur dort, wo er angefordert wurde. Niemand, der für ${service} arbeitet, wird Sie je danach fragen.`,
      notYou:
        "Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail: Ohne den Code kommt niemand hinein.",
    },

    login_waiting: {
      title: (service) => `Eine Anmeldung bei ${service} wartet auf Sie`,
      intro: (service) => `Jemand, der Ihr Passwort kennt, meldet sich gerade bei ${service} an.`,
      signIn: (id) => `Anmeldung: ${id}`,
      remedy: (minutes) =>
        `Wenn Sie das sind, schließen Sie die Anmeldung dort mit einem Code ab. Oder bestätigen Sie sie innerhalb von ${minutes} Minuten dort, wo Sie schon angemeldet sind: Tippen Sie die Zahl ein, die auf dem wartenden Bildschirm steht.`,
      action: "Ansehen, wer sich anmeldet",
      notYou:
        "Wenn Sie das nicht sind, lehnen Sie die Anmeldung dort ab, und ändern Sie Ihr Passwort: Jemand anderes kennt es.",
    },

    factor_changed: {
      title: (service) => `Wie Sie sich bei ${service} anmelden, hat sich geändert`,
      intro: (service, change) => `An Ihrem Konto bei ${service} ${change}.`,
      changes: {
        totp_enabled: "wurden Codes aus einer Authenticator-App eingeschaltet",
        totp_disabled: "wurden Codes aus einer Authenticator-App ausgeschaltet",
        email_enabled: "wurden Anmeldecodes per E-Mail eingeschaltet",
        email_disabled: "wurden Anmeldecodes per E-Mail ausgeschaltet",
        passkey_added: "wurde ein Passkey hinzugefügt",
        passkey_removed: "wurde ein Passkey entfernt",
        backup_codes_made: "wurden neue Ersatzcodes erstellt, und die alten gelten nicht mehr",
        all_removed: "wurden alle zweiten Faktoren entfernt",
      },
      notYou:
        "Wenn Sie das nicht waren, hat vielleicht jemand anderes Ihr Konto: Ändern Sie sofort Ihr Passwort, und sagen Sie denen Bescheid, die den Dienst betreiben.",
    },

    backup_code_used: {
      title: (service) => `Anmeldung bei ${service} mit einem Ersatzcode`,
      intro: (service) =>
        `Jemand, höchstwahrscheinlich Sie selbst, hat sich mit einem Ihrer Ersatzcodes bei ${service} angemeldet.`,
      left: (left) =>
        left === 0
          ? "Es war der letzte. Erstellen Sie neue, solange Sie sich noch anmelden können."
          : `Dieser Code ist verbraucht; ${left === 1 ? "einer bleibt" : `${left} bleiben`} übrig.`,
      notYou:
        "Wenn Sie das nicht waren, hat jemand Ihr Passwort und Ihre Ersatzcodes: Ändern Sie sofort Ihr Passwort, erstellen Sie neue Codes, und sagen Sie denen Bescheid, die den Dienst betreiben.",
    },

    signed_in_elsewhere: {
      title: (service) => `Anmeldung bei ${service} von einem neuen Ort`,
      intro: (service, time) =>
        `Am ${time} hat sich jemand, höchstwahrscheinlich Sie selbst, mit Ihrem Konto bei ${service} angemeldet.`,
      why: "Sie haben sich schon früher angemeldet, aber in letzter Zeit weder von dieser Adresse noch auf diesem Gerät: Deshalb sagen wir Ihnen Bescheid.",
      notYou:
        "Wenn Sie das nicht waren, hat jemand anderes Ihr Konto: Ändern Sie sofort Ihr Passwort, und sagen Sie denen Bescheid, die den Dienst betreiben.",
    },

    impersonated: {
      title: (service) => `Ein Administrator hat sich Ihr Konto bei ${service} angesehen`,
      intro: (service, time, by) =>
        `Am ${time} begann „${by}“, bei ${service} in Ihrem Namen zu handeln, für höchstens 15 Minuten, und sieht dort, was Sie sehen. Ihr Passwort und die Wege, auf denen Sie sich anmelden, lassen sich so nicht ändern, und jeder Schritt wird festgehalten.`,
      notYou: "Wenn Sie nicht wissen, worum es geht, fragen Sie die, die den Dienst betreiben.",
    },
  },
};
