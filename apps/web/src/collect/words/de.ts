import { words as open } from '../../open/words/de.ts'
import { plural as p } from '../../ui/words/de.ts'
import type { CollectWords } from '../page.ts'

const PASTE = 'Fügen Sie unten den ganzen Abhollink ein, von dort, wo Sie ihn aufbewahrt haben.'

export const words: CollectWords = {
  ...open,
  documentTitle: 'Antworten auf eine Anfrage · Halfkey',

  checking: 'Die Antwort wird angesehen …',
  title: 'Eine Antwort',
  escaped:
    'Unterwegs wurde das # dieses Links zu %23. Darum hat Ihr Browser dem Server den Schlüssel zu den Antworten geschickt, den er nie haben sollte. Wenn sie vor dem Server geheim bleiben müssen, ziehen Sie die Anfrage zurück und fragen Sie neu an.',
  viewsLeft: (n) => p(n, { one: 'einmal, dann wird sie vernichtet', other: `noch ${n}-mal, dann wird sie vernichtet` }),
  show: 'Antwort zeigen',
  opened: 'Die Antwort',
  reloadLast:
    'Wenn Sie die Seite neu laden, zeigt sie die Antwort noch etwa zehn Minuten lang ohne weiteren Abruf; dann vernichtet der Server sie von selbst. Vernichten Sie sie, sobald Sie sie haben.',
  reload: 'Wenn Sie die Seite neu laden, zeigt sie die Antwort noch etwa zehn Minuten lang ohne weiteren Abruf.',
  notText: 'Diese Antwort ist kein Text und kann hier nicht angezeigt werden. Speichern Sie sie als Datei.',
  destroyed: (at) => `Der Server wurde am ${at} angewiesen, sie zu vernichten.`,
  done: (at) => `Sie haben sie am ${at} abgeschlossen. Sie lässt sich noch so oft öffnen, wie die Anfrage es zulässt.`,

  spentNothing: 'Es wurde nichts geöffnet.',
  LINK_NO_FRAGMENT: `Dem Link fehlt der Teil nach dem #, und der ist der Schlüssel zu den Antworten. ${PASTE}`,
  LINK_CUT_SHORT: `Der Link wurde abgeschnitten: Von seinen letzten Zeichen fehlen welche. ${PASTE}`,
  LINK_MISTYPED: `Der Link wurde falsch abgetippt oder unterwegs verändert. ${PASTE}`,
  LINK_NEWER_VERSION:
    'Der Link stammt von einer neueren Version von Halfkey als diese Seite. Benutzen Sie den Server oder das Programm, das ihn erstellt hat.',

  viewed: (at) =>
    `Sie wurde am ${at} geöffnet. Wenn Sie das nicht selbst waren, in einem anderen Tab oder Programm, hat sie jemand anderes gelesen, der den Abhollink oder den Schlüssel des Arbeitsbereichs hat.`,
  viewedHere: (at) =>
    `Sie wurde am ${at} geöffnet, vielleicht von Ihnen in diesem Tab, und lässt sich nicht mehr zeigen. Wenn Sie das nicht waren, hat jemand anderes sie gelesen.`,
  expired: (at) =>
    `Ihre Zeit lief am ${at} ab, und sie wurde vernichtet. Wenn Sie sie noch brauchen, fragen Sie neu an.`,
  burnedTitle: 'Zurückgenommen',
  burned: (at) => `Der Absender hat sie am ${at} zurückgenommen.`,
  NOT_FOUND: 'Der Server kennt diese Antwort nicht mehr. Vielleicht wurde sie nach ihrem Ende entfernt.',
  LOCKED: 'Sie ist nach zu vielen falschen Passwörtern gesperrt. Wenn Sie sie noch brauchen, fragen Sie neu an.',
  lastTry: 'Auch das war falsch, und es war der letzte Versuch. Sie ist jetzt gesperrt.',

  WRONG_KEY:
    'Der Schlüssel passt nicht: Das Passwort gehört zu einer anderen, oder der Server hat die Antwort verändert. Nichts davon wurde gezeigt.',
  TAMPERED:
    'Das ist keine Antwort auf Ihre Anfrage: Sie wurde erfunden, unterwegs verändert oder von einer anderen Anfrage genommen. Nichts davon wurde gezeigt, und sie hat keinen Schaden angerichtet; die anderen Antworten sind, wie sie waren.',
  MALFORMED:
    'Was der Server als diese Antwort ausgibt, ist keine. Nichts davon wurde gezeigt, und es hat keinen Schaden angerichtet; die anderen Antworten sind, wie sie waren.',
  NEWER_VERSION: 'Sie stammt von einer neueren Version von Halfkey als diese Seite.',

  helpKeys:
    'Jede Antwort wird auf dem Gerät ihres Absenders für diese Anfrage versiegelt. Ihr Browser öffnet sie mit dem Schlüssel im Abhollink; der Server kann es nicht.',
  helpHistory:
    'Der Schlüssel steht nicht mehr in der Adresszeile, und dieser Tab vergisst ihn, wenn Sie ihn schließen. Um später wiederzukommen, bewahren Sie den Abhollink sicher auf: Wer ihn hat, kann die Antworten lesen.',

  collect: {
    title: 'Antworten auf Ihre Anfrage',
    checking: 'Der Link wird geprüft …',
    asked: 'Sie haben angefragt',
    state: 'Zustand',
    states: {
      open: 'Offen',
      answered: 'Vollständig: Es werden keine Antworten mehr angenommen',
      expired: 'Abgelaufen: Ihre Zeit ist um',
      withdrawn: 'Zurückgezogen',
    },
    until: 'Nimmt Antworten an bis',
    ended: 'Beendet',
    places: 'Noch angenommene Antworten',
    placesOf: (left, most) => `${left} von ${most}`,

    links: 'Die Links dieser Anfrage',
    askLink: 'Anfragelink',
    askLinkHint: 'Für die Person, die antworten soll. Er liest keine Antwort.',
    collectLink: 'Abhollink',
    collectLinkHint: 'Für Sie, um später wiederzukommen. Wer ihn hat, kann die Antworten lesen.',

    withdraw: 'Anfrage zurückziehen',
    withdrawTitle: 'Diese Anfrage zurückziehen?',
    withdrawText:
      'Sie nimmt dann keine Antworten mehr an und lässt sich nicht wieder öffnen. Antworten, die schon da sind, bleiben.',
    cancel: 'Abbrechen',

    answers: 'Antworten',
    noneYet: 'Noch keine Antwort. Solange diese Seite offen ist, sieht sie von selbst nach.',
    none: 'Es kam keine Antwort.',
    uploading: (n) =>
      p(n, {
        one: 'Eine weitere Antwort wird noch hochgeladen.',
        other: `${n} weitere Antworten werden noch hochgeladen.`,
      }),
    arrived: (n) =>
      p(n, { one: 'Eine Antwort ist da.', other: `Eine neue Antwort ist da: jetzt sind es insgesamt ${n}.` }),
    answer: (n) => `Antwort ${n}`,
    sent: (at) => `Gesendet am ${at}`,
    openedOn: (at) => `geöffnet am ${at}`,
    standings: {
      fresh: 'Neu',
      opened: 'Geöffnet',
      viewed: 'Geöffnet und vernichtet',
      uploading: 'Wird hochgeladen',
      expired: 'Abgelaufen',
      burned: 'Zurückgenommen',
      locked: 'Gesperrt',
      broken: 'Keine echte Antwort',
    },
    open: 'Öffnen',
    openNamed: (n) => `Antwort ${n} öffnen`,
    showAgain: 'Noch einmal zeigen',
    showNamed: (n) => `Antwort ${n} noch einmal zeigen`,
    back: '← Alle Antworten',

    keepsTrying: 'Diese Seite versucht es von selbst weiter.',
    NOT_FOUND:
      'Der Server kennt zu diesem Link keine Anfrage. Vielleicht wurde sie entfernt, nachdem sie und ihre Antworten beendet waren.',
    TAMPERED:
      'Der Server hat verändert, worum Sie gebeten haben; darum werden die Antworten nicht gezeigt. Sagen Sie es dem, der ihn betreibt.',
    wrongKind: {
      share:
        'Das ist ein Link zum Öffnen eines Geheimnisses. Die Antworten auf eine Anfrage sind hinter ihrem Abhollink.',
      ask: 'Das ist der Anfragelink: Mit ihm antworten andere, und er liest keine Antwort. Die Antworten sind hinter dem Abhollink, den Sie zusammen mit ihm bekommen haben.',
      status:
        'Das ist ein Statuslink: Er sagt einem Absender, was aus seiner Antwort wurde. Die Antworten sind hinter dem Abhollink.',
    },
    wholeLink: 'Der ganze Abhollink',
    useLink: 'Antworten zeigen',
  },
}
