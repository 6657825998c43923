import { compose, failures, handOut } from '../../compose/words/fr.ts'
import { plural as p, shared } from '../../ui/words/fr.ts'
import type { AskWords } from '../page.ts'

const COPY_AGAIN =
  'Copiez de nouveau le lien entier depuis le message reçu, ou demandez qu’on vous le renvoie. Rien n’a été envoyé.'

export const words: AskWords = {
  ...shared,
  ...compose,
  ...failures,
  moment: handOut.moment,
  documentTitle: 'Une demande · Halfkey',

  title: 'On vous demande un secret',
  checking: 'Vérification du lien…',
  noteFrom: 'Ce qui est demandé',
  noNote: 'La demande ne dit pas ce qui est demandé.',
  askedBy: 'Demandé par',
  anonymous: (host) => `quelqu’un sans compte sur ${host}`,
  onWord: (host) => `(selon ${host})`,
  until: 'Jusqu’au',
  takes: 'Vous pouvez envoyer',
  takesText: (size) => `un texte de ${size} au plus`,
  takesFiles: (n, size) =>
    p(n, {
      one: `un texte et un fichier, ${size} en tout`,
      many: `un texte et jusqu’à ${n} de fichiers, ${size} en tout`,
      other: `un texte et jusqu’à ${n} fichiers, ${size} en tout`,
    }),
  afterwards: 'Ce qu’il en advient',
  fate: (n, kept) =>
    p(n, {
      one: `Seule la personne qui demande peut l’ouvrir, une fois et pendant ${kept}. Ensuite, le serveur le détruit.`,
      many: `Seule la personne qui demande peut l’ouvrir, ${n} de fois au plus et pendant ${kept}. Ensuite, le serveur le détruit.`,
      other: `Seule la personne qui demande peut l’ouvrir, ${n} fois au plus et pendant ${kept}. Ensuite, le serveur le détruit.`,
    }),
  warning:
    'Ne répondez que si vous attendiez cette demande. En cas de doute, vérifiez d’abord auprès de la personne, par exemple par téléphone : rien sur cette page ne prouve qui demande.',

  yourAnswer: 'Votre réponse',
  noFiles: 'Cette demande n’accepte pas de fichiers.',
  textExceeded: 'Ce texte est plus long que la demande ne le permet.',
  filesExceeded: (limit) => `C’est plus que la demande ne permet. ${limit}`,
  send: 'Envoyer la réponse',
  notSent: 'Votre réponse n’a pas été envoyée.',
  incomplete:
    'L’envoi s’est interrompu, donc personne ne peut l’ouvrir. D’ici un jour, la demande acceptera une autre réponse à sa place.',
  stopped:
    'Annulé. Votre texte et vos fichiers sont toujours là. Si la réponse était déjà arrivée, la renvoyer telle quelle ne compte pas deux fois.',
  stoppedUpload:
    'Annulé en plein envoi : personne ne peut ouvrir ce qui est arrivé. D’ici un jour, la demande acceptera une autre réponse à sa place.',
  offline: 'Vous êtes hors ligne. Votre texte est toujours là ; envoyez-le dès votre retour en ligne.',
  offlineFirst: 'Vous êtes hors ligne. Cette page continuera d’elle-même dès votre retour.',
  RATE_LIMITED: 'Trop de requêtes sont venues de votre réseau. Attendez un peu, puis réessayez.',
  QUOTA_EXCEEDED:
    'La personne qui demande a atteint une limite de ce serveur. Prévenez-la que votre réponse ne tient pas.',

  sentTitle: 'Votre réponse a été envoyée',
  sent: 'Seule la personne qui demande peut l’ouvrir. Cette page a oublié la clé.',
  receipt: 'Votre lien de suivi',
  receiptHint:
    'Il montre si votre réponse a été ouverte, et permet de la reprendre jusque-là. Ce n’est pas le lien que vous avez reçu : gardez-le pour vous.',
  copyReceipt: 'Copier le lien de suivi',
  follow: 'Voir le suivi',
  another: 'Envoyer une autre réponse',

  badLink: 'Ce lien ne fonctionne pas',
  LINK_NO_FRAGMENT: `Il manque au lien la partie après le #, qui en fait partie. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `Le lien a été tronqué : il manque des caractères à la fin. ${COPY_AGAIN}`,
  LINK_MISTYPED: `Le lien a été mal saisi ou modifié en chemin. ${COPY_AGAIN}`,
  LINK_NEWER_VERSION:
    'Le lien vient d’une version de Halfkey plus récente que cette page. Demandez à qui l’a envoyé quel serveur ou programme le lit.',
  answeredTitle: 'Déjà répondu',
  answered: (at) =>
    `Cette demande n’accepte plus de réponses depuis le ${at}. Si vous avez répondu, votre lien de suivi montre ce qu’il en est. Sinon, prévenez la personne : quelqu’un d’autre a ce lien.`,
  expiredTitle: 'Expirée',
  expired: (at) =>
    `Cette demande acceptait des réponses jusqu’au ${at}. Demandez un nouveau lien si la vôtre est encore utile.`,
  withdrawnTitle: 'Retirée',
  withdrawn: (at) => `La demande a été retirée le ${at}. Elle n’accepte plus de réponses.`,
  unknownTime: 'jour inconnu',
  nothingHere: 'Il n’y a rien ici',
  NOT_FOUND:
    'Il n’y a pas de demande à ce lien. Elle a peut-être été supprimée après sa fin : demandez un nouveau lien si votre réponse est encore utile.',
  dontAnswer: 'Ne répondez pas à cette demande',
  TAMPERED:
    'La clé du serveur ou le texte de la demande n’est pas celui de ce lien. Rien n’a été envoyé. Prévenez la personne, mais pas par ce serveur.',
  MALFORMED:
    'La réponse du serveur n’est pas une réponse de Halfkey. Rien n’a été envoyé. Prévenez l’exploitant du serveur.',
  offTitle: 'Les demandes sont désactivées',
  off: 'Ce serveur n’accepte pas de réponses pour le moment. Convenez d’une autre voie avec la personne.',
  unsupported: 'Impossible de répondre d’ici',
  failedTitle: 'Cela n’a pas marché',
  retry: 'Réessayer',

  helpTitle: 'Comment cela marche, et ce que le serveur apprend',
  helpKeys:
    'Votre navigateur chiffre la réponse avec une clé liée au lien, et vérifie que le serveur ne l’a pas remplacée. Seul l’auteur du lien peut déchiffrer ; ni le serveur, ni d’autres personnes qui ont le lien.',
  helpServer:
    'Le serveur apprend quand vous répondez, depuis quelle adresse, et la taille du texte et des fichiers. Il n’apprend jamais le texte, les fichiers ni leurs noms.',
}
