import type { ComponentChildren } from 'preact'
import type { Page } from '../i18n/page.tsx'
import { LANGUAGES, type Language } from '../i18n/language.ts'
import { Mark } from './icon.tsx'
import type { SharedWords } from './words.ts'

interface FrameProps {
  page: Page<SharedWords>
  children: ComponentChildren
  /** Small print under the page. */
  footer?: ComponentChildren
  /** The way to the front page, for a page that is in a folder. */
  home?: string
}

/** What every page stands in: the name above, small print and the choice of language below. */
export function Frame({ page, children, footer, home = './' }: FrameProps) {
  return (
    <div class="frame">
      <header>
        <a class="brand" href={home}>
          <Mark />
          Halfkey
        </a>
      </header>
      <main>{children}</main>
      <footer>
        {footer}
        <label class="language">
          <span>{page.words.language}</span>
          <select value={page.language} onChange={(event) => page.speak(event.currentTarget.value as Language)}>
            {Object.entries(LANGUAGES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </footer>
    </div>
  )
}
