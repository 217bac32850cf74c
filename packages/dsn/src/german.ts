/** The words of a report in German. */

import type { ReportWords } from './template-words.ts'

const SUBJECTS = {
  failed: 'Ihre Nachricht wurde nicht zugestellt an',
  delayed: 'Ihre Nachricht verzögert sich für',
  relayed: 'Ihre Nachricht wurde weitergegeben an',
  expanded: 'Ihre Nachricht wurde zugestellt und weiterverteilt für',
  delivered: 'Ihre Nachricht wurde zugestellt an',
} as const

const OPENINGS = {
  failed: (whom: string) =>
    `Ihre Nachricht konnte ${whom} nicht zugestellt werden. Es wird nicht noch einmal versucht.`,
  delayed: (whom: string) =>
    `Ihre Nachricht konnte ${whom} noch nicht zugestellt werden. Sie ist nicht verloren: Die Zustellung wird weiter ` +
    'versucht, und Sie brauchen die Nachricht nicht noch einmal zu senden.',
  relayed: (whom: string) =>
    `Ihre Nachricht wurde für die Zustellung ${whom} an ein Mailsystem weitergegeben, das Zustellungen nicht ` +
    'bestätigt. Sie hören nur dann wieder davon, wenn dieses System einen Fehler meldet.',
  expanded: (whom: string) =>
    `Ihre Nachricht wurde ${whom} zugestellt und von dort an mehrere andere verteilt. ` +
    'Sie hören nur dann wieder davon, wenn sie einige von diesen nicht erreicht.',
  delivered: (whom: string) => `Ihre Nachricht wurde ${whom} zugestellt. Ob sie gelesen wurde, ist damit nicht gesagt.`,
} as const

const ASK_POSTMASTER = 'Zeigen Sie diesen Bericht Ihrem Postmaster.'

/** German. */
export const GERMAN: ReportWords = {
  language: 'de',
  fromName: 'Mail-Zustelldienst',
  subject: (action, name, more) => `${SUBJECTS[action]}: ${name}${more > 0 ? ` und ${more} weitere` : ''}`,
  greeting: (host) => `Hier schreibt das Mailsystem auf ${host}.`,
  opening: (action, count) =>
    OPENINGS[action](count === 1 ? 'an die unten genannte Adresse' : 'an die unten genannten Adressen'),
  labels: {
    sentOn: 'Weitergeleitet an',
    happened: 'Was geschehen ist',
    toDo: 'Was Sie tun können',
    reason: 'Einzelheiten',
    lastAttempt: 'Zuletzt versucht',
    willRetryUntil: 'Wird versucht bis',
  },
  said: (host) => (host === undefined ? 'Die Antwort von dort' : `Die Antwort von ${host}`),
  categories: {
    'no-such-user': {
      meaning: 'Dieses Postfach gibt es nicht.',
      advice: 'Prüfen Sie die Adresse auf Fehler, oder fragen Sie den Empfänger nach der richtigen.',
    },
    'no-such-domain': {
      meaning: 'Die Domain der Adresse gibt es nicht, oder sie nimmt keine Nachrichten an.',
      advice: 'Prüfen Sie den Teil nach dem @ auf Fehler.',
    },
    'mailbox-full': {
      meaning: 'Das Postfach des Empfängers ist voll.',
      advice: 'Versuchen Sie es in einigen Tagen wieder, oder erreichen Sie den Empfänger auf anderem Weg.',
    },
    'mailbox-disabled': {
      meaning: 'Das Postfach des Empfängers ist abgeschaltet.',
      advice: 'Erreichen Sie den Empfänger auf anderem Weg.',
    },
    'message-too-big': {
      meaning: 'Ihre Nachricht ist größer, als die Gegenseite annimmt.',
      advice: 'Senden Sie die Nachricht in kleineren Teilen, oder legen Sie große Dateien zum Abholen bereit.',
    },
    'content-refused': {
      meaning: 'Die Gegenseite lehnt den Inhalt Ihrer Nachricht ab oder hält ihn für Spam.',
      advice:
        'Senden Sie die Nachricht mit anderen Worten und ohne Links und Anhänge, oder erreichen Sie den Empfänger auf anderem Weg.',
    },
    virus: {
      meaning: 'Die Gegenseite hat einen Virus gefunden oder eine Art von Datei, die sie nicht annimmt.',
      advice: 'Prüfen Sie Ihren Rechner auf Viren, und senden Sie die Nachricht ohne den Anhang.',
    },
    blocked: {
      meaning: 'Die Gegenseite nimmt nichts von dem System an, über das Ihre Nachricht gesendet wurde.',
      advice: 'Zeigen Sie diesen Bericht Ihrem Postmaster; er kann um Aufhebung der Sperre bitten.',
    },
    'rate-limited': {
      meaning: 'Die Gegenseite hat in kurzer Zeit zu viele Nachrichten bekommen.',
      advice: 'Senden Sie die Nachricht später noch einmal.',
    },
    greylisted: {
      meaning: 'Die Gegenseite nimmt erste Nachrichten neuer Absender erst nach einer Weile an.',
      advice: 'Senden Sie die Nachricht später noch einmal.',
    },
    'sender-authentication': {
      meaning: 'Die Gegenseite konnte nicht feststellen, dass die Nachricht wirklich von Ihnen ist.',
      advice: 'Zeigen Sie diesen Bericht Ihrem Postmaster; er kann SPF, DKIM oder DMARC Ihrer Domain berichtigen.',
    },
    policy: {
      meaning: 'Die Gegenseite hat eine Regel gegen diese Nachricht.',
      advice: 'Fragen Sie den Empfänger oder Ihren Postmaster, welche Regel es ist.',
    },
    'tls-required': {
      meaning: 'Die Gegenseite nimmt Nachrichten nur über verschlüsselte Verbindungen an.',
      advice: ASK_POSTMASTER,
    },
    'login-required': { meaning: 'Die Gegenseite verlangt vom Absender eine Anmeldung.', advice: ASK_POSTMASTER },
    'relaying-denied': {
      meaning: 'Die Gegenseite nimmt für diese Adresse keine Nachrichten an.',
      advice: 'Prüfen Sie den Teil nach dem @ auf Fehler, oder fragen Sie den Empfänger nach der richtigen Adresse.',
    },
    'bad-sender': {
      meaning: 'Die Gegenseite nimmt Ihre eigene Adresse nicht als Absender an.',
      advice: 'Prüfen Sie Ihre Adresse in den Einstellungen Ihres Mailprogramms.',
    },
    'protocol-error': { meaning: 'Die beiden Mailsysteme haben sich nicht verstanden.', advice: ASK_POSTMASTER },
    network: {
      meaning: 'Das Mailsystem des Empfängers war nicht zu erreichen.',
      advice: 'Prüfen Sie den Teil nach dem @ auf Fehler, oder senden Sie die Nachricht später noch einmal.',
    },
    system: {
      meaning: 'Das Mailsystem des Empfängers ist gestört oder hat keinen Platz.',
      advice: 'Senden Sie die Nachricht später noch einmal, oder erreichen Sie den Empfänger auf anderem Weg.',
    },
    expired: {
      meaning: 'Die Nachricht konnte in der Zeit, in der Nachrichten aufbewahrt werden, nicht zugestellt werden.',
      advice: 'Senden Sie die Nachricht später noch einmal, oder erreichen Sie den Empfänger auf anderem Weg.',
    },
    loop: {
      meaning: 'Ihre Nachricht ging zwischen Mailsystemen im Kreis.',
      advice: 'Sagen Sie es dem Empfänger oder dem Postmaster dort; die Adresse ist falsch weitergeleitet.',
    },
    unknown: {
      meaning: 'Die Nachricht wurde nicht angenommen; warum, weiß dieses System nicht.',
      advice: 'Lesen Sie, was die Gegenseite geantwortet hat, oder zeigen Sie diesen Bericht Ihrem Postmaster.',
    },
  },
  message: {
    heading: 'Ihre Nachricht:',
    subject: 'Betreff',
    date: 'Datum',
    messageId: 'Message-ID',
    arrival: 'Hier angenommen',
  },
  closing: (postmaster) =>
    `Wenn Sie Hilfe brauchen, senden Sie diesen ganzen Bericht an <${postmaster}>. Die Anhänge sind für ` +
    'Mailprogramme und Postmaster bestimmt: derselbe Bericht in technischer Form und Ihre Nachricht oder deren Kopf.',
}
