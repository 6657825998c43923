import { words as open } from '../../open/words/fr.ts'
import { plural as p } from '../../ui/words/fr.ts'
import type { CollectWords } from '../page.ts'

const PASTE = 'Collez ci-dessous le lien de collecte entier, là où vous l’avez gardé.'

export const words: CollectWords = {
  ...open,
  documentTitle: 'Réponses à une demande · Halfkey',

  checking: 'Consultation de la réponse…',
  title: 'Une réponse',
  escaped:
    'En chemin, le # de ce lien est devenu %23. Votre navigateur a donc envoyé au serveur la clé des réponses, qu’il n’aurait jamais dû recevoir. Si elles doivent rester secrètes pour le serveur, retirez la demande et refaites-la.',
  viewsLeft: (n) =>
    p(n, {
      one: 'une fois, puis elle est détruite',
      many: `encore ${n} de fois, puis elle est détruite`,
      other: `encore ${n} fois, puis elle est détruite`,
    }),
  show: 'Afficher la réponse',
  opened: 'La réponse',
  reloadLast:
    'Recharger cette page affiche de nouveau la réponse pendant dix minutes environ, sans autre ouverture ; puis le serveur la détruit de lui-même. Dès que vous l’avez, détruisez-la.',
  reload: 'Recharger cette page affiche de nouveau la réponse pendant dix minutes environ, sans autre ouverture.',
  notText: 'Cette réponse n’est pas du texte : elle ne peut pas être affichée ici. Enregistrez-la dans un fichier.',
  destroyed: (at) => `Le serveur a reçu l’ordre de la détruire le ${at}.`,
  done: (at) => `Vous en avez fini le ${at}. Elle peut encore être ouverte autant de fois que la demande le permet.`,

  spentNothing: 'Rien n’a été ouvert.',
  LINK_NO_FRAGMENT: `Il manque au lien la partie après le #, qui est la clé des réponses. ${PASTE}`,
  LINK_CUT_SHORT: `Le lien a été coupé : il lui manque des caractères à la fin. ${PASTE}`,
  LINK_MISTYPED: `Le lien a été mal recopié, ou modifié en chemin. ${PASTE}`,
  LINK_NEWER_VERSION:
    'Le lien vient d’une version de Halfkey plus récente que cette page. Utilisez le serveur ou le programme qui l’a créé.',

  viewed: (at) =>
    `Elle a été ouverte le ${at}. Si ce n’était pas vous, dans un autre onglet ou programme, quelqu’un d’autre qui a le lien de collecte ou la clé de l’espace de travail l’a lue.`,
  viewedHere: (at) =>
    `Elle a été ouverte, peut-être par vous dans cet onglet, le ${at}, et ne peut plus être affichée. Si ce n’était pas vous, quelqu’un d’autre l’a lue.`,
  expired: (at) =>
    `Son délai s’est achevé le ${at}, et elle a été détruite. S’il vous la faut encore, refaites une demande.`,
  burnedTitle: 'Reprise',
  burned: (at) => `L’expéditeur l’a reprise le ${at}.`,
  NOT_FOUND: 'Le serveur ne connaît plus cette réponse. Elle a peut-être été supprimée après sa fin.',
  LOCKED: 'Elle est verrouillée après trop de mots de passe faux. S’il vous la faut encore, refaites une demande.',
  lastTry: 'C’était faux aussi, et c’était le dernier essai. Elle est maintenant verrouillée.',

  WRONG_KEY:
    'La clé ne correspond pas : le mot de passe est celui d’une autre, ou le serveur a modifié la réponse. Rien n’en a été affiché.',
  TAMPERED:
    'Ce n’est pas une réponse à votre demande : elle a été inventée, modifiée en chemin, ou prise d’une autre demande. Rien n’en a été affiché et elle n’a fait aucun mal ; les autres réponses sont intactes.',
  MALFORMED:
    'Ce que le serveur donne pour cette réponse n’en est pas une. Rien n’en a été affiché et elle n’a fait aucun mal ; les autres réponses sont intactes.',
  NEWER_VERSION: 'Elle vient d’une version de Halfkey plus récente que cette page.',

  helpKeys:
    'Chaque réponse est scellée pour cette demande sur l’appareil de son expéditeur. Votre navigateur l’ouvre avec la clé du lien de collecte ; le serveur ne le peut pas.',
  helpHistory:
    'La clé a quitté la barre d’adresse, et cet onglet l’oublie quand vous le fermez. Pour revenir plus tard, gardez le lien de collecte en lieu sûr : quiconque l’a peut lire les réponses.',

  collect: {
    title: 'Réponses à votre demande',
    checking: 'Vérification du lien…',
    asked: 'Vous avez demandé',
    state: 'État',
    states: {
      open: 'Ouverte',
      answered: 'Complète : aucune autre réponse n’est acceptée',
      expired: 'Expirée : son délai est passé',
      withdrawn: 'Retirée',
    },
    until: 'Accepte des réponses jusqu’au',
    ended: 'Terminée',
    places: 'Réponses encore acceptées',
    placesOf: (left, most) => `${left} sur ${most}`,

    links: 'Les liens de cette demande',
    askLink: 'Lien de demande',
    askLinkHint: 'Pour la personne qui doit répondre. Il ne lit aucune réponse.',
    collectLink: 'Lien de collecte',
    collectLinkHint: 'Pour vous, afin de revenir plus tard. Quiconque l’a peut lire les réponses.',

    withdraw: 'Retirer la demande',
    withdrawTitle: 'Retirer cette demande ?',
    withdrawText: 'Elle n’acceptera plus de réponses et ne pourra pas être rouverte. Les réponses déjà reçues restent.',
    cancel: 'Annuler',

    answers: 'Réponses',
    noneYet: 'Pas encore de réponse. Tant que cette page est ouverte, elle en cherche d’elle-même.',
    none: 'Aucune réponse n’est venue.',
    uploading: (n) =>
      p(n, {
        one: 'Une autre réponse est en cours d’envoi.',
        many: `${n} d’autres réponses sont en cours d’envoi.`,
        other: `${n} autres réponses sont en cours d’envoi.`,
      }),
    arrived: (n) =>
      p(n, {
        one: 'Une réponse est arrivée.',
        many: `Une nouvelle réponse est arrivée : ${n} en tout.`,
        other: `Une nouvelle réponse est arrivée : ${n} en tout.`,
      }),
    answer: (n) => `Réponse ${n}`,
    sent: (at) => `Envoyée le ${at}`,
    openedOn: (at) => `ouverte le ${at}`,
    standings: {
      fresh: 'Nouvelle',
      opened: 'Ouverte',
      viewed: 'Ouverte et détruite',
      uploading: 'En cours d’envoi',
      expired: 'Expirée',
      burned: 'Reprise',
      locked: 'Verrouillée',
      broken: 'Fausse réponse',
    },
    open: 'Ouvrir',
    openNamed: (n) => `Ouvrir la réponse ${n}`,
    showAgain: 'Afficher de nouveau',
    showNamed: (n) => `Afficher de nouveau la réponse ${n}`,
    back: '← Toutes les réponses',

    keepsTrying: 'Cette page réessaie d’elle-même.',
    NOT_FOUND:
      'Le serveur ne connaît aucune demande pour ce lien. Elle a peut-être été supprimée après sa fin et celle de ses réponses.',
    TAMPERED:
      'Le serveur a modifié ce que vous avez demandé ; ses réponses ne sont donc pas affichées. Prévenez la personne qui le gère.',
    wrongKind: {
      share:
        'C’est un lien de partage : il ouvre un secret. Les réponses à une demande se trouvent derrière son lien de collecte.',
      ask: 'C’est le lien de demande : il sert à répondre et ne lit aucune réponse. Les réponses se trouvent derrière le lien de collecte, que vous avez reçu avec lui.',
      status:
        'C’est un lien de suivi : il dit à un expéditeur ce qu’est devenue sa réponse. Les réponses se trouvent derrière le lien de collecte.',
    },
    wholeLink: 'Le lien de collecte entier',
    useLink: 'Afficher les réponses',
  },
}
