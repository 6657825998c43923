/** The page at /SLUG: checks the link, says what a reveal takes, and reveals on a person's click. */
import { HalfkeyError, openLink, type Link, type Opened } from '@halfkey/sdk/open'
import { reachedServer, takeLink } from './address.ts'
import { keep } from './kept.ts'
import { onClick, page, present } from './page.ts'
import * as words from './words.ts'

interface Offer {
  link: Link
  shareUrl: string
  /** The tab has sent this reveal before. */
  resumed: boolean
}

async function start(): Promise<void> {
  present(words.CHECKING)
  try {
    const kept = await takeLink()
    if (kept === 'acked') return present(words.ACKED)
    const { shareUrl, revealId } = kept
    page.escaped.hidden = !reachedServer(shareUrl)
    const link = await openLink(shareUrl, { revealId })
    offer({ link, shareUrl, resumed: revealId !== undefined })
  } catch (error) {
    present(words.explain(error))
    page.retry.hidden = !words.mayPass(error)
  }
}

function offer(offered: Offer): void {
  const { link, resumed } = offered
  page.noteText.textContent = link.note ?? ''
  page.note.hidden = link.note === undefined
  askPassword(link.needs.password === true)
  onClick(page.show, () => reveal(offered))
  present({ title: words.CHECKING.title, text: words.terms(link, resumed) }, page.offer)
}

function askPassword(needed: boolean): void {
  page.passwordField.hidden = !needed
  page.password.required = needed
}

async function reveal({ link, shareUrl, resumed }: Offer): Promise<void> {
  if (!page.form.reportValidity()) return
  const isKept = keep({ shareUrl, revealId: link.revealId })
  page.refusal.textContent = ''
  page.status.textContent = words.OPENING
  try {
    const opened = await link.reveal({ password: page.password.required ? page.password.value : undefined })
    const isLast = link.viewsLeft === (resumed ? 0 : 1)
    show(opened, isLast, isKept)
  } catch (error) {
    refuse(error, link, resumed)
  }
}

function refuse(error: unknown, link: Link, resumed: boolean): void {
  const saying = words.explain(error, resumed)
  if (!words.mayPass(error)) {
    present(saying)
    page.title.focus()
    return
  }
  page.status.textContent = words.terms(link, resumed)
  page.refusal.textContent = saying.text
  if (error instanceof HalfkeyError && error.code.startsWith('PASSWORD_')) {
    askPassword(true)
    page.password.select()
  }
}

function show(opened: Opened, isLast: boolean, isKept: boolean): void {
  page.password.value = ''
  page.text.textContent = opened.text ?? ''
  page.finish.textContent = words.finishLabel(isLast)
  onClick(page.copy, copy)
  onClick(page.finish, () => finish(opened, isLast))
  present(words.shown(isLast, isKept), page.opened)
  page.title.focus()
}

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(page.text.textContent)
    page.progress.textContent = words.COPIED
  } catch {
    getSelection()?.selectAllChildren(page.text)
    page.progress.textContent = words.SELECTED
  }
}

async function finish(opened: Opened, isLast: boolean): Promise<void> {
  try {
    await opened.done()
  } catch (error) {
    page.progress.textContent = words.explain(error).text
    return
  }
  keep('acked')
  page.text.textContent = ''
  page.escaped.hidden = true
  present(words.finished(isLast))
  page.title.focus()
}

page.form.addEventListener('submit', (event) => event.preventDefault())
onClick(page.retry, () => location.reload())
// A link pasted over this one differs in its fragment alone, and browsers don't load the page again for that.
addEventListener('hashchange', () => location.reload())
void start()
