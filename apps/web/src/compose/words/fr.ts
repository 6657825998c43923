import { plural as p } from '../../ui/words/fr.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: 'Texte',
  textPlaceholder: 'Un mot de passe, une clé, un message…',
  attach: 'Joindre des fichiers',
  attachHint: 'Ou déposez-les, ou collez-les.',
  filesLimit: (count, size) => `Jusqu’à ${count} fichiers, ${size} en tout.`,
  filesLimitEach: (count, size) => `Jusqu’à ${count} fichiers, ${size} chacun.`,
  filesTitle: 'Fichiers',
  filesTogether: (n, size) =>
    p(n, {
      one: `${n} fichier, ${size}`,
      many: `${n} de fichiers, ${size} en tout`,
      other: `${n} fichiers, ${size} en tout`,
    }),
  removeNamed: (name) => `Retirer ${name}`,
  dropHere: 'Déposez les fichiers pour les joindre',
  shortcut: (keys) => `Ou appuyez sur ${keys}.`,
  sealing: 'Chiffrement et envoi…',
  sending: 'Chiffrement et envoi',
  ofTotal: (done, total) => `${done} sur ${total}`,
  cancel: 'Annuler',
  offlineSending: 'Vous êtes hors ligne. L’envoi continue de lui-même si vous revenez dans les deux minutes.',
  kept: 'Tout ce que vous avez saisi est toujours là.',
  nothing: 'Saisissez un texte ou joignez un fichier.',
  textWrong: 'Ce texte ne peut pas être envoyé tel quel.',
  filesNone: 'Ce serveur n’accepte pas de fichiers.',
  filesWrong: 'Ces fichiers ne peuvent pas être envoyés.',
  unreadable: (names) =>
    `Illisible : ${names}. Peut-être modifié, déplacé ou supprimé, ou c’est un dossier. Ajoutez-le de nouveau ; un dossier, en fichier ZIP.`,
}

export const failures: FailureWords = {
  NETWORK: 'Pas de réponse du serveur.',
  TIMEOUT: 'Le serveur a mis trop de temps à répondre.',
  SERVER_ERROR: 'Le serveur a eu une défaillance.',
  UNAVAILABLE: 'Le serveur ne peut pas le faire en ce moment.',
  UNKNOWN: 'La page a eu une défaillance.',
  requestNamed: (id) => `Le serveur nomme cette requête ${id}.`,
  insecure:
    'Cette page est arrivée par http://, et les navigateurs ne chiffrent que dans les pages venant de https:// et de localhost. Ouvrez-la avec https:// devant, ou utilisez la commande halfkey.',
  oldBrowser: 'Il manque à ce navigateur la cryptographie nécessaire. Utilisez un navigateur à jour.',
}

export const handOut: HandOutWords = {
  share: 'Partager…',
  mail: 'Écrire un e-mail',
  showQr: 'Montrer le code QR',
  hideQr: 'Masquer le code QR',
  qr: 'Code QR du lien',
  moment: (at, relative) => `${at} (${relative})`,
}
