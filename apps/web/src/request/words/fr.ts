import { failures, handOut } from '../../compose/words/fr.ts'
import { plural as p, shared } from '../../ui/words/fr.ts'
import type { RequestWords } from '../page.ts'

export const words: RequestWords = {
  ...shared,
  ...failures,
  ...handOut,
  documentTitle: 'Demander un secret · Halfkey',

  title: 'Demander un secret',
  lead: 'Vous recevez un lien à envoyer. Quiconque l’a peut répondre, et vous seul pouvez lire les réponses ; le serveur ne le peut pas.',
  note: 'De quoi avez-vous besoin ?',
  noteHint: 'Quiconque a le lien le voit. Dites qui vous êtes, pour qu’on sache que la demande vient de vous.',
  until: 'Accepte des réponses pendant',
  answers: 'Réponses au plus',
  more: 'Plus d’options',
  eachAnswer: 'Chaque réponse',
  views: 'S’ouvre',
  times: (n) => p(n, { one: 'une fois', many: `${n} de fois`, other: `${n} fois` }),
  keptFor: 'Est gardée pendant',
  takesFiles: 'Peut avoir des fichiers',
  size: 'Taille au plus',
  anySize: 'ce que le serveur permet',
  notify: 'Me prévenir par e-mail',
  notifyHint: 'Quand une réponse arrive, ou quand la demande expire.',
  notifyUnenforceable: 'Ce serveur ne peut pas vous envoyer de tels e-mails.',
  token: 'Jeton d’API',
  tokenHint: 'Reste dans cette page jusqu’à ce que vous la fermiez ou la rechargiez. Il n’est enregistré nulle part.',
  tokenAsked: 'Sur ce serveur, il faut pour demander un jeton d’API avec l’autorisation requests:write.',
  create: 'Créer les liens',
  creating: 'Création des clés…',
  notCreated: 'La demande n’a pas été créée.',
  wrong: {
    note: 'Ce texte est trop long.',
    until: 'Ce serveur ne garde pas les demandes ou les réponses aussi longtemps.',
    size: 'Ce serveur n’en accepte pas autant.',
    notify: 'Une adresse e-mail.',
    token: 'Ce jeton est inconnu, expiré ou révoqué.',
  },
  tokenDenied: 'Ce jeton ne permet pas de demander : il lui manque l’autorisation requests:write.',
  off: 'L’exploitant de ce serveur a désactivé les demandes.',
  offline: 'Vous êtes hors ligne. Votre texte est toujours là ; réessayez dès votre retour en ligne.',
  RATE_LIMITED: 'Trop de requêtes sont venues de votre réseau. Attendez un peu, puis réessayez.',
  QUOTA_EXCEEDED: 'Cet espace de travail a atteint sa limite.',
  unsupported: 'Ce navigateur ne peut pas demander de secrets',

  readyTitle: 'Votre demande est prête',
  askTitle: 'Envoyez ce lien',
  askHint: 'Quiconque l’a peut répondre. Envoyez-le de façon qu’on voie qu’il vient de vous.',
  askLink: 'Lien de demande, à envoyer',
  copyAsk: 'Copier le lien de demande',
  mailSubject: 'Demande d’un secret',
  mailBody: (link) =>
    `Avec ce lien, vous pouvez m’envoyer le secret de façon que je sois seul à pouvoir le lire :\n\n${link}\n`,
  takesUntil: (at) => `Il accepte des réponses jusqu’au ${at}.`,
  collectTitle: 'Gardez celui-ci pour vous',
  collectHint:
    'Il permet de lire les réponses, sur n’importe quel appareil. Ne l’envoyez à personne, et conservez-le maintenant : il ne pourra plus être montré quand vous aurez quitté cette page.',
  collectLink: 'Lien de collecte, à garder',
  copyCollect: 'Copier le lien de collecte',
  openCollect: 'Voir les réponses',
  another: 'Demander autre chose',

  helpTitle: 'Comment cela marche, et ce que le serveur apprend',
  helpKeys:
    'Votre navigateur crée une paire de clés. Le lien de demande garantit la clé publique, si bien que le serveur ne peut pas en mettre une autre à sa place ; le lien de collecte contient la clé privée, et le serveur ne la reçoit jamais.',
  helpServer:
    'Le serveur apprend quand vous demandez, depuis quelle adresse, et ce que vous choisissez ici. Il n’apprend jamais votre texte, les réponses, ni leurs fichiers et leurs noms.',
}
