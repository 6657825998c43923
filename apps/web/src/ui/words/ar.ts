import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: 'نسخ',
  copied: 'تم النسخ.',
  selected: 'لم يسمح المتصفح للصفحة بالنسخ. النص محدَّد الآن: انسخه بلوحة المفاتيح.',
  clearClipboard: 'مسح الحافظة',
  clipboardCleared: 'تم مسح الحافظة.',
  language: 'اللغة',
  close: 'إغلاق',
}

const rules = new Intl.PluralRules('ar')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'ar'>): string => forms[rules.select(count)]
