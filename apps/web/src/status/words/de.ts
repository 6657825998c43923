import { failures } from '../../compose/words/de.ts'
import { shared } from '../../ui/words/de.ts'
import type { StatusWords } from '../page.ts'

export const words: StatusWords = {
  ...shared,
  ...failures,
  documentTitle: 'Status einer Antwort · Halfkey',
  title: 'Was aus Ihrer Antwort wurde',
  checking: 'Der Server wird gefragt …',

  about:
    'Diese Seite zeigt, was aus einer Antwort wurde. Sie öffnet die Antwort nicht, und was sie zeigt, sagt der Server.',

  uploadingTitle: 'Noch nicht vollständig',
  uploading:
    'Es sind noch nicht alle Dateien angekommen, deshalb kann niemand die Antwort öffnen. Ist die Seite geschlossen, die sie sendet, dann senden Sie die Antwort noch einmal: Innerhalb eines Tages nimmt die Anfrage an ihrer Stelle wieder eine.',
  waitingTitle: 'Noch nicht geöffnet',
  waiting: (until) => `Ihre Antwort ist da und kann bis ${until} geöffnet werden.`,
  collectedTitle: 'Geöffnet',
  collected: (at) => `Ihre Antwort wurde am ${at} von dem geöffnet, der gefragt hat.`,
  expiredTitle: 'Abgelaufen',
  expired: (at) =>
    `Niemand hat Ihre Antwort bis ${at} geöffnet; sie wurde vernichtet. Wird sie noch gebraucht, bitten Sie um einen neuen Link und senden Sie sie noch einmal.`,
  burnedTitle: 'Zurückgenommen',
  burned: 'Ihre Antwort wurde vernichtet, bevor jemand sie geöffnet hat.',

  refresh: 'Noch einmal nachsehen',
  checked: (at) => `Stand: ${at}.`,
  takeBack: 'Zurücknehmen',
  takeBackTitle: 'Die Antwort zurücknehmen?',
  takeBackText:
    'Sie wird vernichtet und kann nicht mehr geöffnet werden. Die Anfrage nimmt an ihrer Stelle keine andere.',

  badLink: 'Dieser Link funktioniert nicht',
  LINK_NO_FRAGMENT:
    'Dem Statuslink fehlt der Teil nach dem #, ohne den es nicht geht. Kopieren Sie den ganzen Link noch einmal.',
  LINK_CUT_SHORT:
    'Der Statuslink wurde abgeschnitten: Am Ende fehlen Zeichen. Kopieren Sie den ganzen Link noch einmal.',
  LINK_MISTYPED: 'Der Statuslink wurde falsch abgetippt oder verändert. Kopieren Sie den ganzen Link noch einmal.',
  LINK_NEWER_VERSION: 'Der Link stammt von einer neueren Halfkey-Version als diese Seite.',
  nothingHere: 'Hier ist nichts',
  NOT_FOUND:
    'Der Server kennt zu diesem Link keine Antwort. Vielleicht wurde ihr Eintrag nach ihrem Ende entfernt, oder der Link wurde verändert.',
  failedTitle: 'Das hat nicht geklappt',
  retry: 'Noch einmal versuchen',
  offline: 'Sie sind offline. Versuchen Sie es noch einmal, sobald Sie wieder online sind.',
  RATE_LIMITED: 'Aus Ihrem Netz kamen zu viele Anfragen. Warten Sie etwas und versuchen Sie es dann noch einmal.',
  unknownTime: 'unbekanntem Tag',
}
