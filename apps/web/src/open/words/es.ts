import { plural as p, shared } from '../../ui/words/es.ts'
import type { OpenWords } from '../page.ts'

const COPY_AGAIN = 'Copie otra vez el enlace entero del mensaje que lo trajo, o pídaselo al remitente.'

export const words: OpenWords = {
  ...shared,
  documentTitle: 'Un secreto · Halfkey',

  checking: 'Comprobando el enlace…',
  title: 'Un secreto para usted',
  escaped:
    'Por el camino, el # de este enlace se convirtió en %23. Por eso su navegador envió al servidor esta copia de la clave, que el servidor no debería tener nunca. Aun así se abre; avise al remitente si debe ser secreto también para el servidor.',

  noteFrom: 'El remitente escribe',
  views: 'Se puede abrir',
  anyNumber: 'cuantas veces se quiera',
  viewsLeft: (n) =>
    p(n, {
      one: 'una vez; después se destruye',
      many: `${n} de veces más; después se destruye`,
      other: `${n} veces más; después se destruye`,
    }),
  until: 'Hasta',
  moment: (at, relative) => `${at} (${relative})`,
  holds: 'Incluye',
  files: (n, size) =>
    p(n, {
      one: `un archivo de ${size}`,
      many: `${n} de archivos, ${size} en total`,
      other: `${n} archivos, ${size} en total`,
    }),
  asks: 'Pide',
  itsPassword: 'una contraseña',
  itsCode: 'un código de un solo uso',
  itsWork: 'un momento de cálculo de su dispositivo, contra los robots',
  together: (items) => items.join(', '),
  resumed: 'Ya lo pidió en esta pestaña: pedirlo otra vez en diez minutos cuenta como la misma apertura.',

  password: 'Contraseña',
  passwordHint: 'El remitente se la dio por otra vía.',
  code: 'Código de un solo uso',
  codeFromApp: 'De la aplicación de autenticación que configuró con el remitente.',
  codeGoesTo: (to) => `Se envía a ${to}.`,
  sendCode: 'Enviarme un código',
  sendAnother: 'Enviar otro código',
  codeSent: (to) => `Un código va de camino a ${to}.`,
  codeValid: (left) => `Válido aún ${left}.`,
  codeExpired: 'Ese código ha caducado: pida otro.',
  cover: 'Alguien puede ver mi pantalla: taparlo al principio',
  show: 'Mostrar el secreto',
  opening: 'Abriendo…',
  working: 'Abriendo… su dispositivo hace el cálculo que este secreto pide.',

  opened: 'El secreto',
  reloadLast:
    'Recargar esta página lo muestra otra vez durante unos diez minutos, sin gastar otra apertura; después el servidor lo destruye solo. Cuando lo tenga, destrúyalo.',
  reload: 'Recargar esta página lo muestra otra vez durante unos diez minutos, sin gastar otra apertura.',
  notKept:
    'Guárdelo antes de irse: este navegador no deja que la página conserve lo que haría falta para mostrarlo otra vez.',
  covered: 'Tapado. Puede copiarlo sin mostrarlo.',
  uncover: 'Mostrar',
  coverAgain: 'Tapar',
  notText: 'Este secreto no es texto y no se puede mostrar aquí. Guárdelo como archivo.',
  empty: 'El remitente no envió texto.',
  filesTitle: 'Archivos',
  save: 'Guardar',
  saveNamed: (name) => `Guardar ${name}`,
  saving: (name) => `Guardando ${name}`,
  ofTotal: (done, total) => `${done} de ${total}`,
  saved: 'Guardado.',
  stop: 'Detener',
  stopped: 'Detenido; no se guardó nada.',
  saveFailed: 'No se pudo guardar entero, así que no se guardó nada.',
  tooLarge: (size) =>
    `Este navegador no puede escribir ${size} en el disco a medida que llegan. Abra el enlace en Chrome o Edge, o con la orden halfkey: aún no se ha gastado ninguna apertura.`,
  destroy: 'Destruir ahora',
  haveIt: 'Ya lo tengo',
  unsavedTitle: 'No todo está guardado',
  unsaved: (n) =>
    p(n, {
      one: 'Un archivo no está guardado todavía, y no se podrá recuperar.',
      many: `${n} de archivos no están guardados todavía, y no se podrán recuperar.`,
      other: `${n} archivos no están guardados todavía, y no se podrán recuperar.`,
    }),
  anyway: 'Seguir sin ellos',

  destroyedTitle: 'Leído por usted, destruido',
  destroyed: (at) =>
    `Se ordenó al servidor destruirlo el ${at}. Esta página, su pestaña y su dirección han olvidado la clave.`,
  doneTitle: 'Leído por usted',
  done: (at) =>
    `Terminó con él el ${at}. Esta página, su pestaña y su dirección han olvidado la clave; las aperturas que quedan son para otros.`,

  spentNothing: 'No se ha gastado ninguna apertura.',
  retry: 'Intentar otra vez',
  offline: 'Está sin conexión. La página seguirá sola cuando vuelva.',
  requestNamed: (id) => `El servidor llama a esta petición ${id}.`,

  badLink: 'Este enlace no funciona',
  LINK_NO_FRAGMENT: `Al enlace le falta la parte que va después de #, que es la mitad de la clave. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `El enlace está cortado: le faltan caracteres al final. ${COPY_AGAIN}`,
  LINK_MISTYPED: `El enlace se copió mal o cambió por el camino. ${COPY_AGAIN}`,
  LINK_WRONG_KIND:
    'Este enlace no sirve para abrir un secreto: pide uno o muestra qué fue de él. Pida al remitente el enlace para abrirlo.',
  LINK_NEWER_VERSION:
    'El enlace es de una versión de Halfkey más nueva que esta página. Pregunte al remitente qué servidor o programa lo abre.',

  unsupported: 'No se puede abrir aquí',
  insecure:
    'Esta página llegó por http://, y los navegadores solo descifran en páginas de https:// y de localhost. Abra el mismo enlace con https:// delante, o con la orden halfkey.',
  oldBrowser: 'A este navegador le falta la criptografía necesaria. Abra el enlace en un navegador actual.',

  viewedTitle: 'Ya abierto',
  viewed: (at) =>
    `Alguien lo abrió antes que usted, el ${at}. Si no fue usted, en otra pestaña o programa, avise al remitente: puede que otra persona lo haya leído.`,
  viewedHere: (at) =>
    `Se abrió, quizá por usted en esta pestaña, el ${at}, y no se puede mostrar otra vez. Si no fue usted, avise al remitente.`,
  expiredTitle: 'Caducado',
  expired: (at) => `Su plazo terminó el ${at}, y se destruyó. Pida al remitente que lo comparta de nuevo.`,
  burnedTitle: 'Retirado',
  burned: (at) => `El remitente lo destruyó el ${at}.`,
  lockedOutTitle: 'Destruido',
  lockedOut: (at) =>
    `Se destruyó el ${at}, tras demasiadas contraseñas o códigos erróneos. Si no fueron suyos, avise al remitente.`,
  unknownTime: 'un día desconocido',
  nothingHere: 'Aquí no hay nada',
  NOT_FOUND:
    'El servidor no conoce ningún secreto para este enlace. Puede que se eliminara tras terminar: pregunte al remitente.',
  lockedTitle: 'Bloqueado',
  LOCKED: 'Está bloqueado tras demasiadas contraseñas o códigos erróneos. El remitente puede desbloquearlo.',
  lastTry:
    'También era erróneo, y era el último intento. Ahora está bloqueado, o destruido si el remitente lo quiso así.',

  PASSWORD_REQUIRED: 'Hace falta la contraseña que le dio el remitente.',
  PASSWORD_WRONG: 'Esa contraseña es errónea.',
  OTP_REQUIRED: 'Hace falta un código de un solo uso.',
  OTP_WRONG: 'Ese código es erróneo, ya se usó o ha caducado.',
  triesLeft: (n) =>
    p(n, { one: 'Queda un intento.', many: `Quedan ${n} de intentos.`, other: `Quedan ${n} intentos.` }),
  invalidPassword: 'Una contraseña no tiene esos caracteres.',
  tooManyCodes: 'Ahora no se pueden enviar más códigos. Use el último que recibió.',
  codeNotSent: 'El servidor no pudo enviar ningún código.',
  CAPTCHA_WRONG: 'El cálculo de su dispositivo llegó tarde. Inténtelo otra vez.',

  notHere: 'Desde aquí no',
  IP_DENIED: 'El remitente solo permite abrirlo desde ciertas redes, y la suya no es una de ellas.',
  GEO_DENIED: 'El remitente solo permite abrirlo en ciertos países, y usted no parece estar en ninguno de ellos.',
  WRONG_REGION: 'Está en el servidor de otra región. Pida al remitente el enlace correcto.',

  failedTitle: 'No ha funcionado',
  NETWORK: 'El servidor no responde.',
  TIMEOUT: 'El servidor tardó demasiado en responder.',
  RATE_LIMITED: 'Llegaron demasiadas peticiones de su red. Espere un poco e inténtelo otra vez.',
  SERVER_ERROR: 'El servidor ha fallado.',
  UNAVAILABLE: 'El servidor no puede hacerlo en este momento.',
  UNKNOWN: 'La página ha fallado. Recárguela.',
  sameView: 'Si el secreto ya estaba de camino, intentarlo otra vez cuenta como la misma apertura.',

  cantOpen: 'No se puede abrir',
  WRONG_KEY:
    'La clave no encaja: el enlace o la contraseña son de otro secreto, o el servidor informó mal sobre la contraseña.',
  TAMPERED: 'El secreto cambió después de que el remitente lo sellara, así que no se muestra. Avise al remitente.',
  MALFORMED: 'La respuesta del servidor no es de Halfkey. Avise a quien lo gestiona.',
  NEWER_VERSION: 'Es de una versión de Halfkey más nueva que esta página.',
  UNSUPPORTED: 'Contiene algo que esta página aún no sabe abrir. Use la orden halfkey.',

  helpTitle: 'Cómo funciona, y qué queda',
  helpKeys:
    'Descifra su navegador; el servidor no puede. El enlace lleva una mitad de la clave, el servidor guarda la otra y solo la entrega tantas veces como permitió el remitente.',
  helpHistory:
    'La clave ya no está en la barra de direcciones ni en el historial de esta pestaña. El historial del navegador puede conservar el enlace, igual que el mensaje que lo trajo: bórrelo allí si el secreto importa.',
}
