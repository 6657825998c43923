import { compose, failures, handOut } from '../../compose/words/es.ts'
import { plural as p, shared } from '../../ui/words/es.ts'
import type { AskWords } from '../page.ts'

const COPY_AGAIN =
  'Copie de nuevo el enlace entero del mensaje en que llegó, o pida que se lo envíen otra vez. No se envió nada.'

export const words: AskWords = {
  ...shared,
  ...compose,
  ...failures,
  moment: handOut.moment,
  documentTitle: 'Una solicitud · Halfkey',

  title: 'Le piden un secreto',
  checking: 'Comprobando el enlace…',
  noteFrom: 'Lo que se pide',
  noNote: 'La solicitud no dice qué se pide.',
  askedBy: 'Lo pide',
  anonymous: (host) => `alguien sin cuenta en ${host}`,
  onWord: (host) => `(según ${host})`,
  until: 'Hasta',
  takes: 'Puede enviar',
  takesText: (size) => `un texto de hasta ${size}`,
  takesFiles: (n, size) =>
    p(n, {
      one: `un texto y un archivo, ${size} en total`,
      many: `un texto y hasta ${n} de archivos, ${size} en total`,
      other: `un texto y hasta ${n} archivos, ${size} en total`,
    }),
  afterwards: 'Qué pasa después',
  fate: (n, kept) =>
    p(n, {
      one: `Solo quien lo pide puede abrirlo, una vez y durante ${kept}. Después se destruye.`,
      many: `Solo quien lo pide puede abrirlo, hasta ${n} de veces y durante ${kept}. Después se destruye.`,
      other: `Solo quien lo pide puede abrirlo, hasta ${n} veces y durante ${kept}. Después se destruye.`,
    }),
  warning:
    'Responda solo si esperaba esta solicitud. Si no está seguro, pregunte antes a la persona, por ejemplo por teléfono: nada en esta página demuestra quién lo pide.',

  yourAnswer: 'Su respuesta',
  noFiles: 'Esta solicitud no acepta archivos.',
  textExceeded: 'Este texto es más largo de lo que permite la solicitud.',
  filesExceeded: (limit) => `Es más de lo que permite la solicitud. ${limit}`,
  send: 'Enviar la respuesta',
  notSent: 'Su respuesta no se envió.',
  incomplete:
    'La subida se interrumpió, así que nadie puede abrirla. En un día como mucho, la solicitud aceptará otra en su lugar.',
  stopped:
    'Cancelado. Su texto y sus archivos siguen aquí. Si la respuesta ya había llegado, enviarla otra vez sin cambios no cuenta dos veces.',
  stoppedUpload:
    'Cancelado en plena subida: nadie puede abrir lo que llegó. En un día como mucho, la solicitud aceptará otra respuesta en su lugar.',
  offline: 'No tiene conexión. Su texto sigue aquí; envíelo cuando vuelva a tenerla.',
  offlineFirst: 'No tiene conexión. Esta página seguirá por sí sola cuando la recupere.',
  RATE_LIMITED: 'Llegaron demasiadas peticiones de su red. Espere un poco y vuelva a intentarlo.',
  QUOTA_EXCEEDED: 'Quien lo pide ha llegado a un límite de este servidor. Avísele de que su respuesta no cabe.',

  sentTitle: 'Su respuesta se envió',
  sent: 'Solo quien la pidió puede abrirla. Esta página ha olvidado la clave.',
  receipt: 'Su enlace de estado',
  receiptHint:
    'Muestra si se abrió su respuesta y, hasta entonces, permite retirarla. No es el enlace que le enviaron: guárdelo para usted.',
  copyReceipt: 'Copiar el enlace de estado',
  follow: 'Ver el estado',
  another: 'Enviar otra respuesta',

  badLink: 'Este enlace no funciona',
  LINK_NO_FRAGMENT: `Al enlace le falta la parte después de #, que es necesaria. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `El enlace está cortado: le faltan caracteres al final. ${COPY_AGAIN}`,
  LINK_MISTYPED: `El enlace se escribió mal o cambió por el camino. ${COPY_AGAIN}`,
  LINK_NEWER_VERSION:
    'El enlace es de una versión de Halfkey más nueva que esta página. Pregunte a quien lo envió qué servidor o programa lo lee.',
  answeredTitle: 'Ya respondida',
  answered: (at) =>
    `Esta solicitud no acepta más respuestas desde el ${at}. Si usted respondió, su enlace de estado muestra qué fue de ello. Si no, avise a quien lo pidió: otra persona tiene este enlace.`,
  expiredTitle: 'Caducada',
  expired: (at) => `Esta solicitud aceptaba respuestas hasta el ${at}. Pida un enlace nuevo si la suya aún hace falta.`,
  withdrawnTitle: 'Retirada',
  withdrawn: (at) => `La solicitud se retiró el ${at}. Ya no acepta respuestas.`,
  unknownTime: 'día desconocido',
  nothingHere: 'Aquí no hay nada',
  NOT_FOUND:
    'No hay ninguna solicitud en este enlace. Quizá se eliminó después de terminar: pida un enlace nuevo si su respuesta aún hace falta.',
  dontAnswer: 'No responda a esta solicitud',
  TAMPERED:
    'La clave del servidor o el texto de la solicitud no es el que corresponde a este enlace. No se envió nada. Avise a quien lo pidió, pero no a través de este servidor.',
  MALFORMED: 'La respuesta del servidor no es de Halfkey. No se envió nada. Avise a quien administra el servidor.',
  offTitle: 'Las solicitudes están desactivadas',
  off: 'Este servidor no acepta respuestas por ahora. Acuerde otra vía con quien lo pidió.',
  unsupported: 'No se puede responder desde aquí',
  failedTitle: 'No ha funcionado',
  retry: 'Reintentar',

  helpTitle: 'Cómo funciona esto y qué averigua el servidor',
  helpKeys:
    'Su navegador cifra la respuesta con una clave que corresponde al enlace y comprueba que el servidor no la ha cambiado. Solo puede descifrarla quien creó el enlace; ni el servidor ni otras personas que tengan el enlace.',
  helpServer:
    'El servidor averigua cuándo responde, desde qué dirección y el tamaño del texto y de los archivos. Nunca averigua el texto, los archivos ni sus nombres.',
}
