import { plural as p, shared } from '../../ui/words/de.ts'
import type { OpenWords } from '../page.ts'

const COPY_AGAIN =
  'Kopieren Sie den ganzen Link noch einmal aus der Nachricht, mit der er kam, oder bitten Sie den Absender darum.'

export const words: OpenWords = {
  ...shared,
  documentTitle: 'Ein Geheimnis · Halfkey',

  checking: 'Der Link wird geprüft …',
  title: 'Ein Geheimnis für Sie',
  escaped:
    'Unterwegs wurde das # dieses Links zu %23. Darum hat Ihr Browser dem Server diese Kopie des Schlüssels geschickt, die er nie haben sollte. Es lässt sich trotzdem öffnen; sagen Sie es dem Absender, wenn das Geheimnis auch vor dem Server geheim bleiben muss.',

  noteFrom: 'Der Absender schreibt',
  views: 'Zu öffnen',
  anyNumber: 'beliebig oft',
  viewsLeft: (n) => p(n, { one: 'einmal, dann wird es vernichtet', other: `noch ${n}-mal, dann wird es vernichtet` }),
  until: 'Bis',
  moment: (at, relative) => `${at} (${relative})`,
  holds: 'Dabei',
  files: (n, size) => p(n, { one: `eine Datei, ${size}`, other: `${n} Dateien, zusammen ${size}` }),
  asks: 'Verlangt',
  itsPassword: 'ein Passwort',
  itsCode: 'einen Einmalcode',
  itsWork: 'einen Moment Rechenzeit Ihres Geräts, gegen Roboter',
  together: (items) => items.join(', '),
  resumed: 'Sie haben es in diesem Tab schon angefordert: Innerhalb von zehn Minuten zählt das als derselbe Abruf.',

  password: 'Passwort',
  passwordHint: 'Der Absender hat es Ihnen auf anderem Weg gegeben.',
  code: 'Einmalcode',
  codeFromApp: 'Aus der Authentifizierungs-App, die Sie mit dem Absender eingerichtet haben.',
  codeGoesTo: (to) => `Er geht an ${to}.`,
  sendCode: 'Code senden',
  sendAnother: 'Neuen Code senden',
  codeSent: (to) => `Ein Code ist unterwegs an ${to}.`,
  codeValid: (left) => `Gültig noch ${left}.`,
  codeExpired: 'Dieser Code ist abgelaufen: Lassen Sie einen neuen senden.',
  cover: 'Jemand kann meinen Bildschirm sehen: zuerst verdecken',
  show: 'Geheimnis zeigen',
  opening: 'Wird geöffnet …',
  working: 'Wird geöffnet … Ihr Gerät rechnet, weil dieses Geheimnis es verlangt.',

  opened: 'Das Geheimnis',
  reloadLast:
    'Wenn Sie die Seite neu laden, zeigt sie es noch etwa zehn Minuten lang ohne weiteren Abruf; dann vernichtet es der Server von selbst. Vernichten Sie es, sobald Sie es haben.',
  reload: 'Wenn Sie die Seite neu laden, zeigt sie es noch etwa zehn Minuten lang ohne weiteren Abruf.',
  notKept:
    'Sichern Sie es, bevor Sie gehen: Dieser Browser lässt die Seite nicht behalten, was sie bräuchte, um es noch einmal zu zeigen.',
  covered: 'Verdeckt. Sie können es kopieren, ohne es zu zeigen.',
  uncover: 'Zeigen',
  coverAgain: 'Verdecken',
  notText: 'Dieses Geheimnis ist kein Text und kann hier nicht angezeigt werden. Speichern Sie es als Datei.',
  empty: 'Der Absender hat keinen Text geschickt.',
  filesTitle: 'Dateien',
  save: 'Sichern',
  saveNamed: (name) => `${name} sichern`,
  saving: (name) => `${name} wird gesichert`,
  ofTotal: (done, total) => `${done} von ${total}`,
  saved: 'Gesichert.',
  stop: 'Abbrechen',
  stopped: 'Abgebrochen; nichts wurde gesichert.',
  saveFailed: 'Sie ließ sich nicht vollständig sichern, darum wurde nichts gesichert.',
  tooLarge: (size) =>
    `Dieser Browser kann ${size} nicht laufend auf die Platte schreiben. Öffnen Sie den Link in Chrome oder Edge oder mit dem Befehl halfkey: Noch ist kein Abruf verbraucht.`,
  destroy: 'Jetzt vernichten',
  haveIt: 'Ich habe es',
  unsavedTitle: 'Nicht alles ist gesichert',
  unsaved: (n) =>
    p(n, {
      one: 'Eine Datei ist noch nicht gesichert und danach nicht mehr zu haben.',
      other: `${n} Dateien sind noch nicht gesichert und danach nicht mehr zu haben.`,
    }),
  anyway: 'Trotzdem weiter',

  destroyedTitle: 'Von Ihnen gelesen, vernichtet',
  destroyed: (at) =>
    `Der Server wurde am ${at} angewiesen, es zu vernichten. Diese Seite, ihr Tab und ihre Adresse haben den Schlüssel vergessen.`,
  doneTitle: 'Von Ihnen gelesen',
  done: (at) =>
    `Sie haben es am ${at} abgeschlossen. Diese Seite, ihr Tab und ihre Adresse haben den Schlüssel vergessen; die übrigen Abrufe bleiben für andere.`,

  spentNothing: 'Kein Abruf wurde verbraucht.',
  retry: 'Noch einmal versuchen',
  offline: 'Sie sind offline. Die Seite macht von selbst weiter, sobald Sie wieder online sind.',
  requestNamed: (id) => `Der Server nennt diese Anfrage ${id}.`,

  badLink: 'Dieser Link funktioniert nicht',
  LINK_NO_FRAGMENT: `Dem Link fehlt der Teil nach dem #, und der ist die Hälfte des Schlüssels. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `Der Link wurde abgeschnitten: Von seinen letzten Zeichen fehlen welche. ${COPY_AGAIN}`,
  LINK_MISTYPED: `Der Link wurde falsch abgetippt oder unterwegs verändert. ${COPY_AGAIN}`,
  LINK_WRONG_KIND:
    'Dieser Link öffnet kein Geheimnis: Er bittet um eines oder zeigt, was aus einem wurde. Bitten Sie den Absender um den Link zum Öffnen.',
  LINK_NEWER_VERSION:
    'Der Link stammt von einer neueren Version von Halfkey als diese Seite. Fragen Sie den Absender, welcher Server oder welches Programm ihn öffnet.',

  unsupported: 'Hier lässt es sich nicht öffnen',
  insecure:
    'Diese Seite kam über http://, und Browser entschlüsseln nur in Seiten von https:// und localhost. Öffnen Sie denselben Link mit https:// davor oder mit dem Befehl halfkey.',
  oldBrowser:
    'Diesem Browser fehlt die Kryptografie, die das Öffnen braucht. Öffnen Sie den Link in einem aktuellen Browser.',

  viewedTitle: 'Schon geöffnet',
  viewed: (at) =>
    `Jemand hat es vor Ihnen geöffnet, am ${at}. Wenn Sie das nicht selbst waren, in einem anderen Tab oder Programm, sagen Sie es dem Absender: Jemand anderes könnte es gelesen haben.`,
  viewedHere: (at) =>
    `Es wurde am ${at} geöffnet, vielleicht von Ihnen in diesem Tab, und lässt sich nicht mehr zeigen. Wenn Sie das nicht waren, sagen Sie es dem Absender.`,
  expiredTitle: 'Abgelaufen',
  expired: (at) => `Seine Zeit lief am ${at} ab, und es wurde vernichtet. Bitten Sie den Absender, es neu zu teilen.`,
  burnedTitle: 'Zurückgezogen',
  burned: (at) => `Der Absender hat es am ${at} vernichtet.`,
  lockedOutTitle: 'Vernichtet',
  lockedOut: (at) =>
    `Es wurde am ${at} vernichtet, nach zu vielen falschen Passwörtern oder Codes. Wenn das nicht Ihre waren, sagen Sie es dem Absender.`,
  unknownTime: 'einem unbekannten Tag',
  nothingHere: 'Hier ist nichts',
  NOT_FOUND:
    'Der Server kennt kein Geheimnis zu diesem Link. Vielleicht wurde es nach seinem Ende entfernt: Fragen Sie den Absender.',
  lockedTitle: 'Gesperrt',
  LOCKED: 'Es ist nach zu vielen falschen Passwörtern oder Codes gesperrt. Der Absender kann es entsperren.',
  lastTry:
    'Auch das war falsch, und es war der letzte Versuch. Es ist jetzt gesperrt oder, wenn der Absender es so wollte, vernichtet.',

  PASSWORD_REQUIRED: 'Es braucht das Passwort, das der Absender Ihnen gegeben hat.',
  PASSWORD_WRONG: 'Dieses Passwort ist falsch.',
  OTP_REQUIRED: 'Es braucht einen Einmalcode.',
  OTP_WRONG: 'Dieser Code ist falsch, verbraucht oder abgelaufen.',
  triesLeft: (n) => p(n, { one: 'Ein Versuch bleibt.', other: `${n} Versuche bleiben.` }),
  invalidPassword: 'Solche Zeichen hat kein Passwort.',
  tooManyCodes: 'Mehr Codes können jetzt nicht gesendet werden. Nehmen Sie den neuesten, den Sie bekommen haben.',
  codeNotSent: 'Der Server konnte keinen Code senden.',
  CAPTCHA_WRONG: 'Die Rechnung Ihres Geräts kam zu spät. Versuchen Sie es noch einmal.',

  notHere: 'Nicht von hier aus',
  IP_DENIED: 'Der Absender lässt es nur aus bestimmten Netzen öffnen, und Ihres gehört nicht dazu.',
  GEO_DENIED: 'Der Absender lässt es nur in bestimmten Ländern öffnen, und Sie scheinen in keinem davon zu sein.',
  WRONG_REGION: 'Es liegt auf dem Server einer anderen Region. Bitten Sie den Absender um den richtigen Link.',

  failedTitle: 'Das hat nicht geklappt',
  NETWORK: 'Keine Antwort vom Server.',
  TIMEOUT: 'Der Server hat zu lange nicht geantwortet.',
  RATE_LIMITED: 'Aus Ihrem Netz kamen zu viele Anfragen. Warten Sie ein wenig und versuchen Sie es dann noch einmal.',
  SERVER_ERROR: 'Der Server hat versagt.',
  UNAVAILABLE: 'Der Server kann das gerade nicht.',
  UNKNOWN: 'Die Seite hat versagt. Laden Sie sie neu.',
  sameView: 'Falls das Geheimnis schon unterwegs war, zählt ein neuer Versuch als derselbe Abruf.',

  cantOpen: 'Es lässt sich nicht öffnen',
  WRONG_KEY:
    'Der Schlüssel passt nicht: Link oder Passwort gehören zu einem anderen Geheimnis, oder der Server hat zum Passwort falsche Angaben gemacht.',
  TAMPERED:
    'Das Geheimnis wurde verändert, nachdem der Absender es versiegelt hat; darum wird es nicht gezeigt. Sagen Sie es dem Absender.',
  MALFORMED: 'Die Antwort des Servers ist keine von Halfkey. Sagen Sie es dem, der ihn betreibt.',
  NEWER_VERSION: 'Es stammt von einer neueren Version von Halfkey als diese Seite.',
  UNSUPPORTED: 'Es enthält etwas, das diese Seite noch nicht öffnen kann. Nehmen Sie den Befehl halfkey.',

  helpTitle: 'Wie das geht und was zurückbleibt',
  helpKeys:
    'Ihr Browser entschlüsselt; der Server kann es nicht. Der Link trägt die eine Hälfte des Schlüssels, der Server verwahrt die andere und gibt sie nur so oft heraus, wie der Absender erlaubt hat.',
  helpHistory:
    'Der Schlüssel steht nicht mehr in der Adresszeile und im Verlauf dieses Tabs. Der Verlauf des Browsers kann den Link noch enthalten, ebenso die Nachricht, mit der er kam: Löschen Sie ihn dort, wenn das Geheimnis wichtig ist.',
}
