/** Which language a page speaks: the reader's choice in this tab, else the first of the browser's that there is. */

export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ar: 'العربية',
  zh: '简体中文',
  ja: '日本語',
} as const

export type Language = keyof typeof LANGUAGES

const KEY = 'halfkey:language'

const isLanguage = (text: string): text is Language => Object.hasOwn(LANGUAGES, text)

export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr')

/**
 * @returns the language, and the locale for its dates and numbers: the browser's own where it is of that language
 *   (BCP 47), so that an Austrian reads Austrian dates
 */
export function findLanguage(): { language: Language; locale: string } {
  const chosen = readChoice()
  const wanted =
    chosen === undefined ? navigator.languages : navigator.languages.filter((tag) => baseOf(tag) === chosen)
  for (const locale of wanted) {
    const language = baseOf(locale)
    if (isLanguage(language)) return { language, locale }
  }
  const language = chosen ?? 'en'
  return { language, locale: language }
}

const baseOf = (tag: string): string => tag.split('-', 1)[0]?.toLowerCase() ?? ''

function readChoice(): Language | undefined {
  try {
    const choice = sessionStorage.getItem(KEY) ?? ''
    return isLanguage(choice) ? choice : undefined
  } catch {
    return undefined
  }
}

/** For this tab; a browser that lets nothing be kept forgets it with the page. */
export function keepChoice(language: Language): void {
  try {
    sessionStorage.setItem(KEY, language)
  } catch {
    return
  }
}
