/** A page in the reader's language: its catalogues, and what gives its components their words. */
import { createContext, render, type ComponentType } from 'preact'
import { useContext, useLayoutEffect, useState } from 'preact/hooks'
import { createFormats, type Formats } from './formats.ts'
import { directionOf, findLanguage, keepChoice, type Language } from './language.ts'

/** Each language is a file of its own, loaded when it is spoken. */
export type Catalogues<W> = Record<Language, () => Promise<{ words: W }>>

/** Milliseconds that a page may stay blank rather than say that it is at work. */
const PATIENCE = 200

interface Speech<W> {
  words: W
  language: Language
  formats: Formats
}

export interface Page<W> extends Speech<W> {
  /** Changes the language, for this tab. */
  speak: (language: Language) => void
}

/** In the words that the page's HTML has of it (late.html), because no others could be fetched. */
function sayIncomplete(): undefined {
  const again = (): void => location.reload()
  document.querySelector('.late')?.classList.add('now')
  const button = document.querySelector<HTMLButtonElement>('.late button')
  if (button) {
    button.hidden = false
    button.onclick = again
  }
  addEventListener('online', again)
}

/** One for every page, so that a page can also use another's components, if its words hold what those say. */
export const PageContext = createContext<Page<unknown> | null>(null)

/** What gives components their words: those that they know of, whatever else the page's catalogue holds. */
export function usePageIn<W>(): Page<W> {
  const page = useContext(PageContext)
  if (!page) throw new Error('outside of a page')
  return page as Page<W>
}

/** Everything that a page's components need of this module; call it once per page, in its own file. */
export function definePage<W extends { documentTitle: string }>(catalogues: Catalogues<W>) {
  async function findSpeech(): Promise<Speech<W>> {
    const { language, locale } = findLanguage()
    const { words } = await catalogues[language]()
    return { words, language, formats: createFormats(locale) }
  }

  function Root({ first, App }: { first: Speech<W>; App: ComponentType }) {
    const [speech, setSpeech] = useState(first)
    const { language, words } = speech
    useLayoutEffect(() => {
      document.title = words.documentTitle
      document.documentElement.lang = language
      document.documentElement.dir = directionOf(language)
    }, [language, words])
    const speak = (chosen: Language): void => {
      keepChoice(chosen)
      // What can't be fetched leaves the page in its language, and the choice with it.
      findSpeech().then(setSpeech, () => {
        keepChoice(language)
        setSpeech({ ...speech })
      })
    }
    return (
      <PageContext.Provider value={{ ...speech, speak }}>
        <App />
      </PageContext.Provider>
    )
  }

  /** Puts the page's component into the document's body, once `ready` is settled or has taken long enough to be told. */
  const start = async (App: ComponentType, ready?: Promise<unknown>): Promise<void> => {
    const settled = ready?.catch(() => undefined)
    const first = await findSpeech().catch(sayIncomplete)
    if (!first) return
    // Meanwhile, because the first of these costs a page tens of milliseconds.
    setTimeout(() => first.formats.moment(new Date()))
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, PATIENCE))])
    render(<Root first={first} App={App} />, document.body)
  }

  return { usePage: usePageIn<W>, start }
}
