import { plural as p } from '../../ui/words/es.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: 'Texto',
  textPlaceholder: 'Una contraseña, una clave, un mensaje…',
  attach: 'Adjuntar archivos',
  attachHint: 'O suéltelos o péguelos.',
  filesLimit: (count, size) => `Hasta ${count} archivos, ${size} en total.`,
  filesLimitEach: (count, size) => `Hasta ${count} archivos, ${size} cada uno.`,
  filesTitle: 'Archivos',
  filesTogether: (n, size) =>
    p(n, {
      one: `1 archivo, ${size}`,
      many: `${n} de archivos, ${size} en total`,
      other: `${n} archivos, ${size} en total`,
    }),
  removeNamed: (name) => `Quitar ${name}`,
  dropHere: 'Suelte los archivos para adjuntarlos',
  shortcut: (keys) => `O pulse ${keys}.`,
  sealing: 'Cifrando y enviando…',
  sending: 'Cifrado y envío',
  ofTotal: (done, total) => `${done} de ${total}`,
  cancel: 'Cancelar',
  offlineSending: 'Está sin conexión. El envío sigue solo si vuelve en dos minutos.',
  kept: 'Todo lo que escribió sigue aquí.',
  nothing: 'Escriba un texto o adjunte un archivo.',
  textWrong: 'Este texto no se puede enviar tal como está.',
  filesNone: 'Este servidor no acepta archivos.',
  filesWrong: 'Estos archivos no se pueden enviar.',
  unreadable: (names) =>
    `No se puede leer: ${names}. Quizá se modificó, se movió o se borró, o es una carpeta. Añádalo otra vez; una carpeta, como archivo ZIP.`,
}

export const failures: FailureWords = {
  NETWORK: 'El servidor no responde.',
  TIMEOUT: 'El servidor tardó demasiado en responder.',
  SERVER_ERROR: 'El servidor ha fallado.',
  UNAVAILABLE: 'El servidor no puede hacerlo en este momento.',
  UNKNOWN: 'La página ha fallado.',
  requestNamed: (id) => `El servidor llama a esta petición ${id}.`,
  insecure:
    'Esta página llegó por http://, y los navegadores solo cifran en páginas de https:// y de localhost. Ábrala con https:// delante, o use la orden halfkey.',
  oldBrowser: 'A este navegador le falta la criptografía necesaria. Use un navegador actual.',
}

export const handOut: HandOutWords = {
  share: 'Compartir…',
  mail: 'Escribir un correo',
  showQr: 'Mostrar el código QR',
  hideQr: 'Ocultar el código QR',
  qr: 'Código QR del enlace',
  moment: (at, relative) => `${at} (${relative})`,
}
