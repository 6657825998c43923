import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: 'コピー',
  copied: 'コピーしました。',
  selected:
    'ブラウザーがページからのコピーを許可しませんでした。テキストを選択してあるので、キーボードでコピーしてください。',
  clearClipboard: 'クリップボードを消去',
  clipboardCleared: 'クリップボードを消去しました。',
  language: '言語',
  close: '閉じる',
}

const rules = new Intl.PluralRules('ja')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'ja'>): string => forms[rules.select(count) as keyof Plural<'ja'>]
