import { plural as p, shared } from '../../ui/words/fr.ts'
import type { OpenWords } from '../page.ts'

const COPY_AGAIN =
  'Copiez de nouveau le lien entier depuis le message qui l’a apporté, ou redemandez-le à l’expéditeur.'

export const words: OpenWords = {
  ...shared,
  documentTitle: 'Un secret · Halfkey',

  checking: 'Vérification du lien…',
  title: 'Un secret pour vous',
  escaped:
    'En chemin, le # de ce lien est devenu %23. Votre navigateur a donc envoyé au serveur cette copie de la clé, que le serveur ne devrait jamais avoir. Le secret s’ouvre quand même ; prévenez l’expéditeur s’il doit rester secret pour le serveur aussi.',

  noteFrom: 'L’expéditeur écrit',
  views: 'Peut être ouvert',
  anyNumber: 'autant de fois que voulu',
  viewsLeft: (n) =>
    p(n, {
      one: 'une fois, puis il est détruit',
      many: `encore ${n} de fois, puis il est détruit`,
      other: `encore ${n} fois, puis il est détruit`,
    }),
  until: 'Jusqu’au',
  moment: (at, relative) => `${at} (${relative})`,
  holds: 'Avec',
  files: (n, size) =>
    p(n, {
      one: `un fichier de ${size}`,
      many: `${n} de fichiers, ${size} en tout`,
      other: `${n} fichiers, ${size} en tout`,
    }),
  asks: 'Demande',
  itsPassword: 'un mot de passe',
  itsCode: 'un code à usage unique',
  itsWork: 'un instant de calcul de votre appareil, contre les robots',
  together: (items) => items.join(', '),
  resumed:
    'Vous l’avez déjà demandé dans cet onglet : le redemander dans les dix minutes compte comme la même ouverture.',

  password: 'Mot de passe',
  passwordHint: 'L’expéditeur vous l’a donné par une autre voie.',
  code: 'Code à usage unique',
  codeFromApp: 'De l’application d’authentification que vous avez configurée avec l’expéditeur.',
  codeGoesTo: (to) => `Il est envoyé à ${to}.`,
  sendCode: 'M’envoyer un code',
  sendAnother: 'Envoyer un autre code',
  codeSent: (to) => `Un code est en route vers ${to}.`,
  codeValid: (left) => `Valable encore ${left}.`,
  codeExpired: 'Ce code a expiré : faites-en envoyer un autre.',
  cover: 'Quelqu’un peut voir mon écran : masquer d’abord',
  show: 'Afficher le secret',
  opening: 'Ouverture…',
  working: 'Ouverture… votre appareil fait le calcul que ce secret demande.',

  opened: 'Le secret',
  reloadLast:
    'Recharger cette page l’affiche de nouveau pendant dix minutes environ, sans autre ouverture ; puis le serveur le détruit de lui-même. Dès que vous l’avez, détruisez-le.',
  reload: 'Recharger cette page l’affiche de nouveau pendant dix minutes environ, sans autre ouverture.',
  notKept:
    'Enregistrez-le avant de partir : ce navigateur ne laisse pas la page garder ce qu’il faudrait pour l’afficher de nouveau.',
  covered: 'Masqué. Vous pouvez le copier sans l’afficher.',
  uncover: 'Afficher',
  coverAgain: 'Masquer',
  notText: 'Ce secret n’est pas du texte : il ne peut pas être affiché ici. Enregistrez-le dans un fichier.',
  empty: 'L’expéditeur n’a envoyé aucun texte.',
  filesTitle: 'Fichiers',
  save: 'Enregistrer',
  saveNamed: (name) => `Enregistrer ${name}`,
  saving: (name) => `Enregistrement de ${name}`,
  ofTotal: (done, total) => `${done} sur ${total}`,
  saved: 'Enregistré.',
  stop: 'Arrêter',
  stopped: 'Arrêté ; rien n’a été enregistré.',
  saveFailed: 'Il n’a pas pu être enregistré en entier ; rien n’a donc été enregistré.',
  tooLarge: (size) =>
    `Ce navigateur ne peut pas écrire ${size} sur le disque au fur et à mesure. Ouvrez le lien dans Chrome ou Edge, ou avec la commande halfkey : aucune ouverture n’a encore été comptée.`,
  destroy: 'Détruire maintenant',
  haveIt: 'Je l’ai',
  unsavedTitle: 'Tout n’est pas enregistré',
  unsaved: (n) =>
    p(n, {
      one: 'Un fichier n’est pas encore enregistré, et ne pourra plus être récupéré.',
      many: `${n} de fichiers ne sont pas encore enregistrés, et ne pourront plus être récupérés.`,
      other: `${n} fichiers ne sont pas encore enregistrés, et ne pourront plus être récupérés.`,
    }),
  anyway: 'Continuer sans eux',

  destroyedTitle: 'Lu par vous, détruit',
  destroyed: (at) =>
    `Le serveur a reçu l’ordre de le détruire le ${at}. Cette page, son onglet et son adresse ont oublié la clé.`,
  doneTitle: 'Lu par vous',
  done: (at) =>
    `Vous en avez fini le ${at}. Cette page, son onglet et son adresse ont oublié la clé ; les ouvertures restantes sont pour d’autres.`,

  spentNothing: 'Aucune ouverture n’a été comptée.',
  retry: 'Réessayer',
  offline: 'Vous êtes hors ligne. La page continuera d’elle-même dès votre retour.',
  requestNamed: (id) => `Le serveur nomme cette requête ${id}.`,

  badLink: 'Ce lien ne fonctionne pas',
  LINK_NO_FRAGMENT: `Il manque au lien la partie après le #, qui est la moitié de la clé. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `Le lien a été coupé : il lui manque des caractères à la fin. ${COPY_AGAIN}`,
  LINK_MISTYPED: `Le lien a été mal recopié, ou modifié en chemin. ${COPY_AGAIN}`,
  LINK_WRONG_KIND:
    'Ce lien n’ouvre pas de secret : il en demande un, ou montre ce qu’il est devenu. Demandez à l’expéditeur le lien de partage.',
  LINK_NEWER_VERSION:
    'Le lien vient d’une version de Halfkey plus récente que cette page. Demandez à l’expéditeur quel serveur ou quel programme l’ouvre.',

  unsupported: 'Il ne peut pas être ouvert ici',
  insecure:
    'Cette page est arrivée par http://, et les navigateurs ne déchiffrent que dans les pages venant de https:// et de localhost. Ouvrez le même lien avec https:// devant, ou avec la commande halfkey.',
  oldBrowser: 'Il manque à ce navigateur la cryptographie nécessaire. Ouvrez le lien dans un navigateur à jour.',

  viewedTitle: 'Déjà ouvert',
  viewed: (at) =>
    `Quelqu’un l’a ouvert avant vous, le ${at}. Si ce n’était pas vous, dans un autre onglet ou programme, prévenez l’expéditeur : quelqu’un d’autre l’a peut-être lu.`,
  viewedHere: (at) =>
    `Il a été ouvert, peut-être par vous dans cet onglet, le ${at}, et ne peut plus être affiché. Si ce n’était pas vous, prévenez l’expéditeur.`,
  expiredTitle: 'Expiré',
  expired: (at) =>
    `Son délai s’est achevé le ${at}, et il a été détruit. Demandez à l’expéditeur de le partager de nouveau.`,
  burnedTitle: 'Retiré',
  burned: (at) => `L’expéditeur l’a détruit le ${at}.`,
  lockedOutTitle: 'Détruit',
  lockedOut: (at) =>
    `Il a été détruit le ${at}, après trop de mots de passe ou de codes faux. Si ce n’étaient pas les vôtres, prévenez l’expéditeur.`,
  unknownTime: 'à une date inconnue',
  nothingHere: 'Rien ici',
  NOT_FOUND:
    'Le serveur ne connaît aucun secret pour ce lien. Il a peut-être été supprimé après sa fin : demandez à l’expéditeur.',
  lockedTitle: 'Verrouillé',
  LOCKED: 'Il est verrouillé après trop de mots de passe ou de codes faux. L’expéditeur peut le déverrouiller.',
  lastTry:
    'C’était faux aussi, et c’était le dernier essai. Le secret est maintenant verrouillé, ou détruit si l’expéditeur l’a voulu ainsi.',

  PASSWORD_REQUIRED: 'Il faut le mot de passe que l’expéditeur vous a donné.',
  PASSWORD_WRONG: 'Ce mot de passe est faux.',
  OTP_REQUIRED: 'Il faut un code à usage unique.',
  OTP_WRONG: 'Ce code est faux, déjà utilisé ou expiré.',
  triesLeft: (n) =>
    p(n, { one: 'Il reste un essai.', many: `Il reste ${n} d’essais.`, other: `Il reste ${n} essais.` }),
  invalidPassword: 'Un mot de passe ne contient pas de tels caractères.',
  tooManyCodes: 'Aucun autre code ne peut être envoyé pour l’instant. Utilisez le dernier que vous avez reçu.',
  codeNotSent: 'Le serveur n’a pas pu envoyer de code.',
  CAPTCHA_WRONG: 'Le calcul de votre appareil est arrivé trop tard. Réessayez.',

  notHere: 'Pas d’ici',
  IP_DENIED: 'L’expéditeur ne permet de l’ouvrir que depuis certains réseaux, et le vôtre n’en est pas.',
  GEO_DENIED: 'L’expéditeur ne permet de l’ouvrir que dans certains pays, et vous ne semblez être dans aucun d’eux.',
  WRONG_REGION: 'Il se trouve sur le serveur d’une autre région. Demandez le bon lien à l’expéditeur.',

  failedTitle: 'Cela n’a pas marché',
  NETWORK: 'Pas de réponse du serveur.',
  TIMEOUT: 'Le serveur a mis trop de temps à répondre.',
  RATE_LIMITED: 'Trop de requêtes sont venues de votre réseau. Attendez un peu, puis réessayez.',
  SERVER_ERROR: 'Le serveur a eu une défaillance.',
  UNAVAILABLE: 'Le serveur ne peut pas le faire en ce moment.',
  UNKNOWN: 'La page a eu une défaillance. Rechargez-la.',
  sameView: 'Si le secret était déjà en route, réessayer compte comme la même ouverture.',

  cantOpen: 'Il ne peut pas être ouvert',
  WRONG_KEY:
    'La clé ne correspond pas : le lien ou le mot de passe est celui d’un autre secret, ou le serveur a mal renseigné sur le mot de passe.',
  TAMPERED:
    'Le secret a été modifié après que l’expéditeur l’a scellé ; il n’est donc pas affiché. Prévenez l’expéditeur.',
  MALFORMED: 'La réponse du serveur n’est pas celle de Halfkey. Prévenez la personne qui le gère.',
  NEWER_VERSION: 'Il vient d’une version de Halfkey plus récente que cette page.',
  UNSUPPORTED: 'Il contient quelque chose que cette page ne sait pas encore ouvrir. Utilisez la commande halfkey.',

  helpTitle: 'Comment cela marche, et ce qui reste',
  helpKeys:
    'C’est votre navigateur qui déchiffre ; le serveur ne le peut pas. Le lien porte une moitié de la clé, le serveur garde l’autre et ne la remet qu’autant de fois que l’expéditeur l’a permis.',
  helpHistory:
    'La clé a quitté la barre d’adresse et l’historique de cet onglet. L’historique du navigateur peut encore contenir le lien, tout comme le message qui l’a apporté : effacez-le là si le secret est important.',
}
