import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: '复制',
  copied: '已复制。',
  selected: '浏览器不允许本页复制。文本已选中：请用键盘复制。',
  clearClipboard: '清空剪贴板',
  clipboardCleared: '剪贴板已清空。',
  language: '语言',
  close: '关闭',
}

const rules = new Intl.PluralRules('zh')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'zh'>): string => forms[rules.select(count) as keyof Plural<'zh'>]
