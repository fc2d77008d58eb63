// Everything that people read, in German.
import type { Texts } from "./texts.ts";

const DEAD = "Dieser Link gilt nicht mehr";

export const de: Texts = {
  name: "Deutsch",

  frame: {
    languages: "Sprache",
    needsScript:
      "Diese Seite braucht JavaScript. Schalten Sie es in Ihrem Browser ein und laden Sie die Seite neu.",
    late: "Diese Seite lädt noch. Wenn nichts geschieht, laden Sie sie neu.",
    notFound: {
      title: "Diese Seite gibt es nicht",
      text: "Vielleicht ist die Adresse vertippt, oder die Organisation, zu der sie gehört, ist nicht mehr hier. Fragen Sie, wer sie Ihnen gegeben hat.",
    },
  },

  form: {
    showPassword: "Passwort anzeigen",
    optional: "optional",
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

  devices: {
    address: "Adresse",
    words: {
      agent: "{program} unter {system}",
      agentOnDevice: "{program} auf dem {system}",
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
    ends: "Endet",
    signInAgain: "Noch einmal anmelden",
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
    tryAgain: "Noch einmal versuchen",
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
        "Neben Ihrem Passwort zeigen Sie etwas, das nur Sie haben. Ein solcher zweiter Schritt genügt; ein weiterer hilft, wenn der erste verloren geht.",
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
        "Sie melden sich mit Fingerabdruck, Gesicht, der PIN Ihres Geräts oder einem Sicherheitsschlüssel an. Niemand kann Sie dazu bringen, einen Passkey preiszugeben.",
      none: "Sie haben noch keinen Passkey.",
      add: "Passkey hinzufügen",
      unsupported: "Dieser Browser kann keine Passkeys anlegen.",
      name: "Name",
      nameHint: "Damit Sie ihn später wiedererkennen. Dann fragt Ihr Browser, wo er ihn ablegen soll.",
      remove: "Entfernen",
    },
    emailCodes: {
      title: "Codes per E-Mail",
      intro:
        "Bei jeder Anmeldung schicken wir Ihnen sechs Ziffern. Gut als Reserve; schwächer als die anderen.",
      confirm: "Codes per E-Mail einschalten",
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
      intro:
        "Wo Sie angemeldet sind. Beenden Sie, was Sie nicht wiedererkennen, und ändern Sie dann Ihr Passwort.",
      whose: "Durch",
      organization: "Bei",
      begun: "Angemeldet",
      seen: "Zuletzt gesehen",
      end: "Beenden",
      endOthers: "Alle anderen beenden",
    },
    devices: {
      title: "Vertrauenswürdige Geräte",
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
    words: {
      "role.owner": "Inhaber",
      "role.admin": "Administrator",
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
      codeSent: "Wir haben sechs Ziffern an Ihre E-Mail-Adresse geschickt. Sie gelten zehn Minuten lang.",
      codeSentBefore:
        "Wir haben vor Kurzem sechs Ziffern an Ihre E-Mail-Adresse geschickt. Jeder Code gilt einmal, zehn Minuten lang; einen neuen können Sie in {time} anfordern.",
      passkeyAdded: "Der Passkey „{name}“ ist hinzugefügt.",
      passkeyRemove: "Passkey „{name}“ entfernen?",
      passkeyRemoveText: "Sie können sich damit nicht mehr anmelden. Löschen Sie ihn auch auf Ihrem Gerät.",
      passkeyRemoved: "Der Passkey „{name}“ ist entfernt.",
      remove: "Entfernen",
      thisOne: "Diese hier",
      thisDevice: "Dieses hier",
      actingAsYou: "Ein Administrator, in Ihrem Namen",
      codesLeft: "Übrig: {count} von 10",
      codesNone: "Wenn Sie einen zweiten Schritt einrichten, bekommen Sie zehn Stück.",
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

  setup: {
    title: "Das erste Konto anlegen",
    intro:
      "Dieser Server ist neu. Das erste Konto verwaltet hier alles: Organisationen, Personen und Einstellungen.",
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
    findings: {
      "Email should be an email address": "Das ist keine E-Mail-Adresse. Sie sieht aus wie name@example.com.",
      "Username should have 1 to 64 characters without spaces and @":
        "Ein Benutzername hat 1 bis 64 Zeichen, ohne Leerzeichen und @.",
    },
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
        "Ihr Konto braucht zuerst einen zweiten Schritt. Richten Sie ihn auf Ihrer Kontoseite ein.",
    },
  },

  approve: {
    title: "Einer Anmeldung zustimmen",
    intro:
      "Jemand meldet sich mit Ihrem Passwort an. Wenn Sie das sind, geben Sie die Zahl ein, die der andere Bildschirm zeigt.",
    signedInAs: "Sie sind als {name} angemeldet.",
    looking: "Diese Seite sieht von selbst nach neuen, solange sie offen ist.",
    gone: "Die Anmeldung, um die es ging, wartet nicht mehr: Sie wurde beantwortet, hat zu lange gedauert oder gehört nicht zu diesem Konto.",
    account: "Zu Ihrem Konto",
    refusals: {
      MFA_ENROLMENT_REQUIRED:
        "Ihr Konto braucht zuerst einen zweiten Schritt. Richten Sie ihn auf Ihrer Kontoseite ein.",
    },
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
        all_removed: "wurden alle zweiten Schritte der Anmeldung entfernt",
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

  findings: {
    email: "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie sie.",
    name: "Bitte verwenden Sie 1 bis 100 Buchstaben, Ziffern und Zeichen.",
    shortPassword: "Das Passwort muss mindestens {n} Zeichen lang sein.",
    tooLong: "Das ist zu lang: höchstens {n} Zeichen.",
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
      "Einer von denen, die Sie beim Einrichten des zweiten Schritts aufbewahrt haben. Jeder gilt einmal.",
    trust: "Auf diesem Gerät 30 Tage lang nicht mehr fragen",
    submit: "Weiter",
    useWebauthn: "Passkey verwenden",
    ways: "Andere Möglichkeiten",
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
