import { failures } from '../../compose/words/fr.ts'
import { shared } from '../../ui/words/fr.ts'
import type { StatusWords } from '../page.ts'

export const words: StatusWords = {
  ...shared,
  ...failures,
  documentTitle: 'Suivi d’une réponse · Halfkey',
  title: 'Ce qu’est devenue votre réponse',
  checking: 'Le serveur est interrogé…',

  about:
    'Cette page montre ce qu’est devenue une réponse. Elle n’ouvre pas la réponse, et ce qu’elle montre est ce que dit le serveur.',

  uploadingTitle: 'Pas encore complète',
  uploading:
    'Tous les fichiers ne sont pas arrivés, donc personne ne peut ouvrir la réponse. Si la page qui les envoie est fermée, renvoyez la réponse : d’ici un jour, la demande en acceptera une autre à sa place.',
  waitingTitle: 'Pas encore ouverte',
  waiting: (until) => `Votre réponse est arrivée et peut être ouverte jusqu’au ${until}.`,
  collectedTitle: 'Ouverte',
  collected: (at) => `La personne qui demandait a ouvert votre réponse le ${at}.`,
  expiredTitle: 'Expirée',
  expired: (at) =>
    `Personne n’a ouvert votre réponse avant le ${at}, et elle a été détruite. Si elle est encore utile, demandez un nouveau lien et renvoyez-la.`,
  burnedTitle: 'Reprise',
  burned: 'Votre réponse a été détruite avant que quelqu’un l’ouvre.',

  refresh: 'Vérifier de nouveau',
  checked: (at) => `Vérifié à ${at}.`,
  takeBack: 'La reprendre',
  takeBackTitle: 'Reprendre la réponse ?',
  takeBackText: 'Elle sera détruite et ne pourra plus être ouverte. La demande n’en acceptera pas d’autre à sa place.',

  badLink: 'Ce lien ne fonctionne pas',
  LINK_NO_FRAGMENT:
    'Il manque au lien de suivi la partie après le #, qui en fait partie. Copiez de nouveau le lien entier.',
  LINK_CUT_SHORT:
    'Le lien de suivi a été tronqué : il manque des caractères à la fin. Copiez de nouveau le lien entier.',
  LINK_MISTYPED: 'Le lien de suivi a été mal saisi ou modifié. Copiez de nouveau le lien entier.',
  LINK_NEWER_VERSION: 'Le lien vient d’une version de Halfkey plus récente que cette page.',
  nothingHere: 'Il n’y a rien ici',
  NOT_FOUND:
    'Le serveur ne connaît pas de réponse pour ce lien. Elle a peut-être été supprimée après sa fin, ou le lien a été modifié.',
  failedTitle: 'Cela n’a pas marché',
  retry: 'Réessayer',
  offline: 'Vous êtes hors ligne. Réessayez dès votre retour.',
  RATE_LIMITED: 'Trop de requêtes sont venues de votre réseau. Attendez un peu, puis réessayez.',
  unknownTime: 'jour inconnu',
}
