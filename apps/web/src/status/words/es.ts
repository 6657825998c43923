import { failures } from '../../compose/words/es.ts'
import { shared } from '../../ui/words/es.ts'
import type { StatusWords } from '../page.ts'

export const words: StatusWords = {
  ...shared,
  ...failures,
  documentTitle: 'Estado de una respuesta · Halfkey',
  title: 'Qué fue de su respuesta',
  checking: 'Preguntando al servidor…',

  about: 'Esta página muestra qué fue de una respuesta. No abre la respuesta, y muestra lo que dice el servidor.',

  uploadingTitle: 'Aún incompleta',
  uploading:
    'No han llegado todos los archivos, así que nadie puede abrir la respuesta. Si se cerró la página que los envía, envíela otra vez: en un día como mucho, la solicitud aceptará otra en su lugar.',
  waitingTitle: 'Aún sin abrir',
  waiting: (until) => `Su respuesta ha llegado y se puede abrir hasta el ${until}.`,
  collectedTitle: 'Abierta',
  collected: (at) => `Quien la pidió abrió su respuesta el ${at}.`,
  expiredTitle: 'Caducada',
  expired: (at) =>
    `Nadie abrió su respuesta hasta el ${at} y se destruyó. Si aún hace falta, pida un enlace nuevo y envíela otra vez.`,
  burnedTitle: 'Retirada',
  burned: 'Su respuesta se destruyó antes de que alguien la abriera.',

  refresh: 'Comprobar otra vez',
  checked: (at) => `Comprobado a las ${at}.`,
  takeBack: 'Retirarla',
  takeBackTitle: '¿Retirar la respuesta?',
  takeBackText: 'Se destruye y ya no se podrá abrir. La solicitud no aceptará otra en su lugar.',

  badLink: 'Este enlace no funciona',
  LINK_NO_FRAGMENT:
    'Al enlace de estado le falta la parte después de #, que es necesaria. Copie de nuevo el enlace entero.',
  LINK_CUT_SHORT: 'El enlace de estado está cortado: le faltan caracteres al final. Copie de nuevo el enlace entero.',
  LINK_MISTYPED: 'El enlace de estado se escribió mal o cambió. Copie de nuevo el enlace entero.',
  LINK_NEWER_VERSION: 'El enlace es de una versión de Halfkey más nueva que esta página.',
  nothingHere: 'Aquí no hay nada',
  NOT_FOUND:
    'El servidor no conoce ninguna respuesta para este enlace. Quizá se eliminó después de terminar, o el enlace cambió.',
  failedTitle: 'No ha funcionado',
  retry: 'Reintentar',
  offline: 'No tiene conexión. Vuelva a intentarlo cuando la recupere.',
  RATE_LIMITED: 'Llegaron demasiadas peticiones de su red. Espere un poco y vuelva a intentarlo.',
  unknownTime: 'día desconocido',
}
