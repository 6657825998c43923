import { plural as p } from '../../ui/words/de.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: 'Text',
  textPlaceholder: 'Ein Passwort, ein Schlüssel, eine Nachricht …',
  attach: 'Dateien anhängen',
  attachHint: 'Oder ablegen oder einfügen.',
  filesLimit: (count, size) => `Bis zu ${count} Dateien, zusammen ${size}.`,
  filesLimitEach: (count, size) => `Bis zu ${count} Dateien, jede bis ${size}.`,
  filesTitle: 'Dateien',
  filesTogether: (n, size) => p(n, { one: `1 Datei, ${size}`, other: `${n} Dateien, zusammen ${size}` }),
  removeNamed: (name) => `${name} entfernen`,
  dropHere: 'Loslassen, um die Dateien anzuhängen',
  shortcut: (keys) => `Oder ${keys} drücken.`,
  sealing: 'Wird verschlüsselt und gesendet …',
  sending: 'Verschlüsseln und Senden',
  ofTotal: (done, total) => `${done} von ${total}`,
  cancel: 'Abbrechen',
  offlineSending:
    'Sie sind offline. Das Senden geht von selbst weiter, wenn Sie innerhalb von zwei Minuten wieder online sind.',
  kept: 'Alle Ihre Eingaben sind noch da.',
  nothing: 'Geben Sie einen Text ein oder hängen Sie eine Datei an.',
  textWrong: 'Dieser Text kann so nicht gesendet werden.',
  filesNone: 'Dieser Server nimmt keine Dateien.',
  filesWrong: 'Diese Dateien können nicht gesendet werden.',
  unreadable: (names) =>
    `Nicht lesbar: ${names}. Vielleicht wurde es geändert, verschoben oder gelöscht, oder es ist ein Ordner. Fügen Sie es neu hinzu, einen Ordner als ZIP-Datei.`,
}

export const failures: FailureWords = {
  NETWORK: 'Keine Antwort vom Server.',
  TIMEOUT: 'Der Server hat zu lange nicht geantwortet.',
  SERVER_ERROR: 'Der Server hat versagt.',
  UNAVAILABLE: 'Der Server kann das gerade nicht.',
  UNKNOWN: 'Die Seite hat versagt.',
  requestNamed: (id) => `Der Server nennt diese Anfrage ${id}.`,
  insecure:
    'Diese Seite kam über http://, und Browser verschlüsseln nur in Seiten von https:// und localhost. Öffnen Sie sie mit https:// davor, oder nehmen Sie den Befehl halfkey.',
  oldBrowser: 'Diesem Browser fehlt die Kryptografie, die das Teilen braucht. Nehmen Sie einen aktuellen Browser.',
}

export const handOut: HandOutWords = {
  share: 'Teilen …',
  mail: 'E-Mail schreiben',
  showQr: 'QR-Code zeigen',
  hideQr: 'QR-Code verbergen',
  qr: 'QR-Code des Links',
  moment: (at, relative) => `${at} (${relative})`,
}
