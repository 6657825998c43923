import { failures, handOut } from '../../compose/words/de.ts'
import { plural as p, shared } from '../../ui/words/de.ts'
import type { RequestWords } from '../page.ts'

export const words: RequestWords = {
  ...shared,
  ...failures,
  ...handOut,
  documentTitle: 'Um ein Geheimnis bitten · Halfkey',

  title: 'Um ein Geheimnis bitten',
  lead: 'Sie bekommen einen Link zum Verschicken. Wer ihn hat, kann antworten, und nur Sie können die Antworten lesen; der Server nicht.',
  note: 'Was brauchen Sie?',
  noteHint:
    'Jeder, der den Link hat, sieht es. Schreiben Sie, wer Sie sind, damit klar ist, dass die Anfrage von Ihnen kommt.',
  until: 'Nimmt Antworten für',
  answers: 'Antworten höchstens',
  more: 'Weitere Möglichkeiten',
  eachAnswer: 'Jede Antwort',
  views: 'Zu öffnen',
  times: (n) => p(n, { one: 'einmal', other: `${n}-mal` }),
  keptFor: 'Wird aufbewahrt für',
  takesFiles: 'Darf Dateien enthalten',
  size: 'Größe höchstens',
  anySize: 'was der Server erlaubt',
  notify: 'Mich per E-Mail benachrichtigen',
  notifyHint: 'Wenn eine Antwort kommt oder die Anfrage abläuft.',
  notifyUnenforceable: 'Dieser Server kann Ihnen keine solche E-Mail senden.',
  token: 'API-Token',
  tokenHint: 'Bleibt in dieser Seite, bis Sie sie schließen oder neu laden. Es wird nirgends gespeichert.',
  tokenAsked: 'Auf diesem Server braucht es zum Fragen ein API-Token mit der Berechtigung requests:write.',
  create: 'Links erstellen',
  creating: 'Die Schlüssel werden erzeugt …',
  notCreated: 'Die Anfrage wurde nicht erstellt.',
  wrong: {
    note: 'Dieser Text ist zu lang.',
    until: 'So lange bewahrt dieser Server Anfragen oder Antworten nicht auf.',
    size: 'So viel nimmt dieser Server nicht.',
    notify: 'Eine E-Mail-Adresse.',
    token: 'Dieses Token ist unbekannt, abgelaufen oder widerrufen.',
  },
  tokenDenied: 'Dieses Token darf nicht fragen: Ihm fehlt die Berechtigung requests:write.',
  off: 'Der Betreiber dieses Servers hat Anfragen abgeschaltet.',
  offline: 'Sie sind offline. Ihr Text ist noch da; versuchen Sie es noch einmal, sobald Sie wieder online sind.',
  RATE_LIMITED: 'Aus Ihrem Netz kamen zu viele Anfragen. Warten Sie etwas und versuchen Sie es dann noch einmal.',
  QUOTA_EXCEEDED: 'Dieser Arbeitsbereich ist an seiner Grenze angelangt.',
  unsupported: 'Dieser Browser kann nicht um Geheimnisse bitten',

  readyTitle: 'Ihre Anfrage ist bereit',
  askTitle: 'Verschicken Sie diesen Link',
  askHint: 'Wer ihn hat, kann antworten. Schicken Sie ihn so, dass man sieht, dass er von Ihnen kommt.',
  askLink: 'Anfragelink, zum Verschicken',
  copyAsk: 'Anfragelink kopieren',
  mailSubject: 'Bitte um ein Geheimnis',
  mailBody: (link) =>
    `Mit diesem Link können Sie mir das Geheimnis so senden, dass nur ich es lesen kann:\n\n${link}\n`,
  takesUntil: (at) => `Er nimmt Antworten bis ${at}.`,
  collectTitle: 'Behalten Sie diesen für sich',
  collectHint:
    'Mit ihm lesen Sie die Antworten, auf jedem Gerät. Schicken Sie ihn niemandem, und sichern Sie ihn jetzt: Wenn Sie diese Seite verlassen, kann er nicht noch einmal gezeigt werden.',
  collectLink: 'Abhollink, zum Behalten',
  copyCollect: 'Abhollink kopieren',
  openCollect: 'Antworten ansehen',
  another: 'Um etwas anderes bitten',

  helpTitle: 'Wie das geht und was der Server erfährt',
  helpKeys:
    'Ihr Browser erzeugt ein Schlüsselpaar. Der Anfragelink bürgt für den öffentlichen Schlüssel, sodass der Server keinen anderen unterschieben kann; im Abhollink steckt der private, und der Server bekommt ihn nie.',
  helpServer:
    'Der Server erfährt, wann und von welcher Adresse Sie fragen und was Sie hier wählen. Ihren Text, die Antworten, ihre Dateien und deren Namen erfährt er nie.',
}
