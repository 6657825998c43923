import { compose, failures, handOut } from '../../compose/words/de.ts'
import { plural as p, shared } from '../../ui/words/de.ts'
import type { AskWords } from '../page.ts'

const COPY_AGAIN =
  'Kopieren Sie den ganzen Link noch einmal aus der Nachricht, oder lassen Sie ihn sich neu schicken. Es wurde nichts gesendet.'

export const words: AskWords = {
  ...shared,
  ...compose,
  ...failures,
  moment: handOut.moment,
  documentTitle: 'Eine Anfrage · Halfkey',

  title: 'Sie werden um ein Geheimnis gebeten',
  checking: 'Der Link wird geprüft …',
  noteFrom: 'Worum es geht',
  noNote: 'Die Anfrage sagt nicht, worum es geht.',
  askedBy: 'Von',
  anonymous: (host) => `jemandem ohne Konto bei ${host}`,
  onWord: (host) => `(nach Angabe von ${host})`,
  until: 'Bis',
  takes: 'Sie können senden',
  takesText: (size) => `einen Text bis ${size}`,
  takesFiles: (n, size) =>
    p(n, {
      one: `einen Text und eine Datei, zusammen ${size}`,
      other: `einen Text und bis zu ${n} Dateien, zusammen ${size}`,
    }),
  afterwards: 'Was damit geschieht',
  fate: (n, kept) =>
    p(n, {
      one: `Nur wer gefragt hat, kann es öffnen, und zwar einmal. Aufbewahrt wird es ${kept}, dann wird es vernichtet.`,
      other: `Nur wer gefragt hat, kann es öffnen, bis zu ${n}-mal. Aufbewahrt wird es ${kept}, dann wird es vernichtet.`,
    }),
  warning:
    'Antworten Sie nur, wenn Sie diese Anfrage erwartet haben. Wenn Sie unsicher sind, fragen Sie vorher nach, etwa am Telefon: Nichts auf dieser Seite beweist, wer fragt.',

  yourAnswer: 'Ihre Antwort',
  noFiles: 'Diese Anfrage nimmt keine Dateien.',
  textExceeded: 'Dieser Text ist länger, als die Anfrage erlaubt.',
  filesExceeded: (limit) => `Das ist mehr, als die Anfrage erlaubt. ${limit}`,
  send: 'Antwort senden',
  notSent: 'Ihre Antwort wurde nicht gesendet.',
  incomplete:
    'Das Hochladen brach ab, deshalb kann niemand sie öffnen. Innerhalb eines Tages nimmt die Anfrage an ihrer Stelle wieder eine Antwort.',
  stopped:
    'Abgebrochen. Text und Dateien sind noch da. Falls die Antwort schon angekommen war: Unverändert noch einmal gesendet, zählt sie nicht doppelt.',
  stoppedUpload:
    'Mitten im Hochladen abgebrochen; was angekommen ist, kann niemand öffnen. Innerhalb eines Tages nimmt die Anfrage an seiner Stelle wieder eine Antwort.',
  offline: 'Sie sind offline. Ihr Text ist noch da; senden Sie ihn, sobald Sie wieder online sind.',
  offlineFirst: 'Sie sind offline. Die Seite macht von selbst weiter, sobald Sie wieder online sind.',
  RATE_LIMITED: 'Aus Ihrem Netz kamen zu viele Anfragen. Warten Sie etwas und versuchen Sie es dann noch einmal.',
  QUOTA_EXCEEDED:
    'Wer gefragt hat, ist an einer Grenze dieses Servers angelangt. Sagen Sie Bescheid, dass Ihre Antwort nicht mehr hineinpasst.',

  sentTitle: 'Ihre Antwort wurde gesendet',
  sent: 'Nur wer gefragt hat, kann sie öffnen. Diese Seite hat den Schlüssel vergessen.',
  receipt: 'Ihr Statuslink',
  receiptHint:
    'Er zeigt, ob Ihre Antwort geöffnet wurde, und bis dahin können Sie sie damit zurücknehmen. Er ist nicht der Link, den Sie bekommen haben: Behalten Sie ihn für sich.',
  copyReceipt: 'Statuslink kopieren',
  follow: 'Status zeigen',
  another: 'Noch eine Antwort senden',

  badLink: 'Dieser Link funktioniert nicht',
  LINK_NO_FRAGMENT: `Dem Link fehlt der Teil nach dem #, ohne den es nicht geht. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `Der Link wurde abgeschnitten: Am Ende fehlen Zeichen. ${COPY_AGAIN}`,
  LINK_MISTYPED: `Der Link wurde falsch abgetippt oder unterwegs verändert. ${COPY_AGAIN}`,
  LINK_NEWER_VERSION:
    'Der Link stammt von einer neueren Halfkey-Version als diese Seite. Fragen Sie, wer ihn geschickt hat, welcher Server oder welches Programm ihn liest.',
  answeredTitle: 'Schon beantwortet',
  answered: (at) =>
    `Diese Anfrage nimmt seit ${at} keine Antworten mehr. Haben Sie geantwortet, dann zeigt Ihr Statuslink, was daraus wurde. Wenn nicht, sagen Sie Bescheid: Jemand anders hat diesen Link.`,
  expiredTitle: 'Abgelaufen',
  expired: (at) =>
    `Diese Anfrage nahm Antworten bis ${at}. Bitten Sie um einen neuen Link, wenn Ihre noch gebraucht wird.`,
  withdrawnTitle: 'Zurückgezogen',
  withdrawn: (at) => `Die Anfrage wurde am ${at} zurückgezogen. Sie nimmt keine Antworten mehr.`,
  unknownTime: 'unbekanntem Tag',
  nothingHere: 'Hier ist nichts',
  NOT_FOUND:
    'Unter diesem Link gibt es keine Anfrage. Vielleicht wurde sie nach ihrem Ende entfernt: Bitten Sie um einen neuen Link, wenn Ihre Antwort noch gebraucht wird.',
  dontAnswer: 'Antworten Sie nicht auf diese Anfrage',
  TAMPERED:
    'Der Schlüssel vom Server oder der Text der Anfrage gehört nicht zu diesem Link. Es wurde nichts gesendet. Sagen Sie es dem, der gefragt hat, aber nicht über diesen Server.',
  MALFORMED:
    'Die Antwort des Servers ist keine von Halfkey. Es wurde nichts gesendet. Sagen Sie es dem Betreiber des Servers.',
  offTitle: 'Anfragen sind abgeschaltet',
  off: 'Dieser Server nimmt zurzeit keine Antworten. Vereinbaren Sie einen anderen Weg.',
  unsupported: 'Von hier aus kann nicht geantwortet werden',
  failedTitle: 'Das hat nicht geklappt',
  retry: 'Noch einmal versuchen',

  helpTitle: 'Wie das geht und was der Server erfährt',
  helpKeys:
    'Ihr Browser verschlüsselt die Antwort mit einem Schlüssel, der zum Link gehört, und prüft, dass der Server ihn nicht ausgetauscht hat. Entschlüsseln kann nur, wer den Link erstellt hat; weder der Server noch andere, die den Link haben.',
  helpServer:
    'Der Server erfährt, wann und von welcher Adresse Sie antworten und wie groß Text und Dateien sind. Den Text, die Dateien und ihre Namen erfährt er nie.',
}
