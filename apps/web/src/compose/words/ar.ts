import { plural as p } from '../../ui/words/ar.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: 'النص',
  textPlaceholder: 'كلمة مرور، مفتاح، رسالة…',
  attach: 'إرفاق ملفات',
  attachHint: 'أو أفلِتها أو ألصِقها.',
  filesLimit: (count, size) => `حتى ${count} ملف، ${size} معًا.`,
  filesLimitEach: (count, size) => `حتى ${count} ملف، ${size} لكل منها.`,
  filesTitle: 'الملفات',
  filesTogether: (n, size) =>
    p(n, {
      zero: 'لا ملفات',
      one: `ملف واحد، ${size}`,
      two: `ملفان، ${size} معًا`,
      few: `${n} ملفات، ${size} معًا`,
      many: `${n} ملفًا، ${size} معًا`,
      other: `${n} ملف، ${size} معًا`,
    }),
  removeNamed: (name) => `إزالة \u2068${name}\u2069`,
  dropHere: 'أفلِت الملفات لإرفاقها',
  shortcut: (keys) => `أو اضغط \u2068${keys}\u2069.`,
  sealing: 'جارٍ التشفير والإرسال…',
  sending: 'التشفير والإرسال',
  ofTotal: (done, total) => `${done} من ${total}`,
  cancel: 'إلغاء',
  offlineSending: 'أنت غير متصل. يتابع الإرسال من تلقاء نفسه إن عاد الاتصال خلال دقيقتين.',
  kept: 'كل ما كتبتَه ما زال هنا.',
  nothing: 'اكتب نصًا أو أرفِق ملفًا.',
  textWrong: 'لا يمكن إرسال هذا النص كما هو.',
  filesNone: 'لا يقبل هذا الخادم ملفات.',
  filesWrong: 'لا يمكن إرسال هذه الملفات.',
  unreadable: (names) =>
    `تعذرت قراءة: \u2068${names}\u2069. ربما عُدّل أو نُقل أو حُذف، أو كان مجلدًا. أضِفه من جديد؛ والمجلد ملفَّ ZIP.`,
}

export const failures: FailureWords = {
  NETWORK: 'لا رد من الخادم.',
  TIMEOUT: 'تأخر الخادم في الرد.',
  SERVER_ERROR: 'حدث خلل في الخادم.',
  UNAVAILABLE: 'لا يستطيع الخادم ذلك الآن.',
  UNKNOWN: 'حدث خلل في الصفحة.',
  requestNamed: (id) => `يسمّي الخادم هذا الطلب ${id}.`,
  insecure:
    'وصلت هذه الصفحة عبر http://، والمتصفحات لا تشفّر إلا في صفحات https:// وlocalhost. افتحها بادئًا بـ https://، أو استخدم الأمر halfkey.',
  oldBrowser: 'ينقص هذا المتصفحَ التشفيرُ اللازم. استخدم متصفحًا حديثًا.',
}

export const handOut: HandOutWords = {
  share: 'مشاركة…',
  mail: 'كتابة بريد',
  showQr: 'إظهار رمز QR',
  hideQr: 'إخفاء رمز QR',
  qr: 'رمز QR للرابط',
  moment: (at, relative) => `${at} (${relative})`,
}
