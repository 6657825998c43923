import { words as open } from '../../open/words/es.ts'
import { plural as p } from '../../ui/words/es.ts'
import type { CollectWords } from '../page.ts'

const PASTE = 'Pegue abajo el enlace de recogida entero, de donde lo haya guardado.'

export const words: CollectWords = {
  ...open,
  documentTitle: 'Respuestas a una solicitud · Halfkey',

  checking: 'Consultando la respuesta…',
  title: 'Una respuesta',
  escaped:
    'Por el camino, el # de este enlace se convirtió en %23. Por eso su navegador envió al servidor la clave de las respuestas, que no debería tener nunca. Si deben seguir siendo secretas para el servidor, retire la solicitud y haga otra.',
  show: 'Mostrar la respuesta',
  opened: 'La respuesta',
  reloadLast:
    'Recargar esta página muestra otra vez la respuesta durante unos diez minutos, sin gastar otra apertura; después el servidor la destruye solo. Cuando la tenga, destrúyala.',
  reload: 'Recargar esta página muestra otra vez la respuesta durante unos diez minutos, sin gastar otra apertura.',
  notText: 'Esta respuesta no es texto y no se puede mostrar aquí. Guárdela como archivo.',
  destroyed: (at) => `Se ordenó al servidor destruirla el ${at}.`,
  done: (at) => `Terminó con ella el ${at}. Todavía se puede abrir tantas veces como permita la solicitud.`,

  spentNothing: 'No se ha abierto nada.',
  LINK_NO_FRAGMENT: `Al enlace le falta la parte que va después de #, que es la clave de las respuestas. ${PASTE}`,
  LINK_CUT_SHORT: `El enlace está cortado: le faltan caracteres al final. ${PASTE}`,
  LINK_MISTYPED: `El enlace se copió mal o cambió por el camino. ${PASTE}`,
  LINK_NEWER_VERSION:
    'El enlace es de una versión de Halfkey más nueva que esta página. Use el servidor o el programa que lo creó.',

  viewed: (at) =>
    `Se abrió el ${at}. Si no fue usted, en otra pestaña o programa, la ha leído otra persona que tiene el enlace de recogida o la clave del espacio de trabajo.`,
  viewedHere: (at) =>
    `Se abrió, quizá por usted en esta pestaña, el ${at}, y no se puede mostrar otra vez. Si no fue usted, la ha leído otra persona.`,
  expired: (at) => `Su plazo terminó el ${at}, y se destruyó. Si aún la necesita, solicítela de nuevo.`,
  burnedTitle: 'Retirada',
  burned: (at) => `El remitente la retiró el ${at}.`,
  NOT_FOUND: 'El servidor ya no conoce esta respuesta. Puede que se eliminara después de terminar.',
  LOCKED: 'Está bloqueada tras demasiadas contraseñas erróneas. Si aún la necesita, solicítela de nuevo.',
  lastTry: 'También era errónea, y era el último intento. Ahora está bloqueada.',

  WRONG_KEY:
    'La clave no encaja: la contraseña es de otra, o el servidor cambió la respuesta. No se ha mostrado nada de ella.',
  TAMPERED:
    'Esto no es una respuesta a su solicitud: fue inventada, cambió por el camino o es de otra solicitud. No se ha mostrado nada de ella y no ha hecho ningún daño; las demás respuestas siguen como estaban.',
  MALFORMED:
    'Lo que el servidor dio como esta respuesta no lo es. No se ha mostrado nada de ella y no ha hecho ningún daño; las demás respuestas siguen como estaban.',

  helpKeys:
    'Cada respuesta se sella para esta solicitud en el dispositivo de su remitente. La abre su navegador, con la clave del enlace de recogida; el servidor no puede.',
  helpHistory:
    'La clave ya no está en la barra de direcciones, y esta pestaña la olvida al cerrarla. Para volver más tarde, guarde el enlace de recogida en un lugar seguro: quien lo tenga puede leer las respuestas.',

  collect: {
    title: 'Respuestas a su solicitud',
    checking: 'Comprobando el enlace…',
    asked: 'Usted solicitó',
    state: 'Estado',
    states: {
      open: 'Abierta',
      answered: 'Completa: no se admiten más respuestas',
      expired: 'Caducada: terminó su plazo',
      withdrawn: 'Retirada',
    },
    until: 'Admite respuestas hasta',
    ended: 'Terminó',
    places: 'Respuestas que aún admite',
    placesOf: (left, most) => `${left} de ${most}`,

    links: 'Los enlaces de esta solicitud',
    askLink: 'Enlace de solicitud',
    askLinkHint: 'Para quien deba responder. No lee ninguna respuesta.',
    collectLink: 'Enlace de recogida',
    collectLinkHint: 'Para usted, para volver más tarde. Quien lo tenga puede leer las respuestas.',

    withdraw: 'Retirar la solicitud',
    withdrawTitle: '¿Retirar esta solicitud?',
    withdrawText: 'Ya no admitirá respuestas y no se podrá abrir de nuevo. Las respuestas que llegaron se quedan.',
    cancel: 'Cancelar',

    answers: 'Respuestas',
    noneYet: 'Aún no hay respuesta. Mientras esta página esté abierta, la busca por sí sola.',
    none: 'No llegó ninguna respuesta.',
    uploading: (n) =>
      p(n, {
        one: 'Se está subiendo otra respuesta.',
        many: `Se están subiendo ${n} de respuestas más.`,
        other: `Se están subiendo ${n} respuestas más.`,
      }),
    arrived: (n) =>
      p(n, {
        one: 'Ha llegado una respuesta.',
        many: `Ha llegado otra respuesta: ${n} en total.`,
        other: `Ha llegado otra respuesta: ${n} en total.`,
      }),
    answer: (n) => `Respuesta ${n}`,
    sent: (at) => `Enviada el ${at}`,
    openedOn: (at) => `abierta el ${at}`,
    standings: {
      fresh: 'Nueva',
      opened: 'Abierta',
      viewed: 'Abierta y destruida',
      uploading: 'Subiéndose',
      expired: 'Caducada',
      burned: 'Retirada',
      locked: 'Bloqueada',
      broken: 'Respuesta falsa',
    },
    open: 'Abrir',
    openNamed: (n) => `Abrir la respuesta ${n}`,
    showAgain: 'Mostrar otra vez',
    showNamed: (n) => `Mostrar otra vez la respuesta ${n}`,
    back: '← Todas las respuestas',

    keepsTrying: 'Esta página lo intenta de nuevo por sí sola.',
    NOT_FOUND:
      'El servidor no conoce ninguna solicitud para este enlace. Puede que se eliminara cuando terminaron ella y sus respuestas.',
    TAMPERED:
      'El servidor cambió lo que usted solicitó, así que no se muestran las respuestas. Avise a quien lo gestiona.',
    wrongKind: {
      share: 'Este enlace abre un secreto compartido. Las respuestas a una solicitud están tras su enlace de recogida.',
      ask: 'Este es el enlace de solicitud: con él responden otros, y no lee ninguna respuesta. Las respuestas están tras el enlace de recogida, que recibió junto con él.',
      status:
        'Este es un enlace de estado: dice a un remitente qué fue de su respuesta. Las respuestas están tras el enlace de recogida.',
    },
    wholeLink: 'El enlace de recogida entero',
    useLink: 'Mostrar las respuestas',
  },
}
