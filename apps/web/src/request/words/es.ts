import { failures, handOut } from '../../compose/words/es.ts'
import { plural as p, shared } from '../../ui/words/es.ts'
import type { RequestWords } from '../page.ts'

export const words: RequestWords = {
  ...shared,
  ...failures,
  ...handOut,
  documentTitle: 'Pedir un secreto · Halfkey',

  title: 'Pedir un secreto',
  lead: 'Recibe un enlace para enviar. Quien lo tenga puede responder, y solo usted puede leer las respuestas; el servidor no.',
  note: '¿Qué necesita?',
  noteHint: 'Lo ve quien tenga el enlace. Diga quién es usted, para que se sepa que la solicitud es suya.',
  until: 'Acepta respuestas durante',
  answers: 'Respuestas como máximo',
  more: 'Más opciones',
  eachAnswer: 'Cada respuesta',
  views: 'Se abre',
  times: (n) => p(n, { one: 'una vez', many: `${n} de veces`, other: `${n} veces` }),
  keptFor: 'Se guarda durante',
  takesFiles: 'Puede llevar archivos',
  size: 'Tamaño máximo',
  anySize: 'lo que permita el servidor',
  notify: 'Avisarme por correo electrónico',
  notifyHint: 'Cuando llegue una respuesta o caduque la solicitud.',
  notifyUnenforceable: 'Este servidor no puede enviarle esos correos.',
  token: 'Token de API',
  tokenHint: 'Se queda en esta página hasta que la cierre o la recargue. No se guarda en ningún sitio.',
  tokenAsked: 'En este servidor, para pedir hace falta un token de API con el permiso requests:write.',
  create: 'Crear los enlaces',
  creating: 'Creando las claves…',
  notCreated: 'La solicitud no se creó.',
  wrong: {
    note: 'Este texto es demasiado largo.',
    until: 'Este servidor no guarda solicitudes o respuestas tanto tiempo.',
    size: 'Este servidor no acepta tanto.',
    notify: 'Una dirección de correo electrónico.',
    token: 'Este token es desconocido, ha caducado o se revocó.',
  },
  tokenDenied: 'Este token no permite pedir: le falta el permiso requests:write.',
  off: 'Quien administra este servidor ha desactivado las solicitudes.',
  offline: 'No tiene conexión. Su texto sigue aquí; vuelva a intentarlo cuando la recupere.',
  RATE_LIMITED: 'Llegaron demasiadas peticiones de su red. Espere un poco y vuelva a intentarlo.',
  QUOTA_EXCEEDED: 'Este espacio de trabajo ha llegado a su límite.',
  unsupported: 'Este navegador no puede pedir secretos',

  readyTitle: 'Su solicitud está lista',
  askTitle: 'Envíe este enlace',
  askHint: 'Quien lo tenga puede responder. Envíelo de modo que se vea que viene de usted.',
  askLink: 'Enlace de solicitud, para enviar',
  copyAsk: 'Copiar el enlace de solicitud',
  mailSubject: 'Solicitud de un secreto',
  mailBody: (link) => `Con este enlace puede enviarme el secreto de modo que solo yo pueda leerlo:\n\n${link}\n`,
  takesUntil: (at) => `Acepta respuestas hasta el ${at}.`,
  collectTitle: 'Guarde este para usted',
  collectHint:
    'Con él lee las respuestas, en cualquier dispositivo. No lo envíe a nadie y guárdelo ahora: no se puede volver a mostrar cuando salga de esta página.',
  collectLink: 'Enlace de recogida, para guardar',
  copyCollect: 'Copiar el enlace de recogida',
  openCollect: 'Ver las respuestas',
  another: 'Pedir otra cosa',

  helpTitle: 'Cómo funciona esto y qué averigua el servidor',
  helpKeys:
    'Su navegador crea un par de claves. El enlace de solicitud responde de la pública, de modo que el servidor no puede poner otra en su lugar; el enlace de recogida contiene la privada, que el servidor nunca recibe.',
  helpServer:
    'El servidor averigua cuándo pide, desde qué dirección y lo que elige aquí. Nunca averigua su texto, las respuestas ni sus archivos y nombres.',
}
