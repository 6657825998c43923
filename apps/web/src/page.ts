/** The elements of open.html, found once and typed. */
import type { Saying } from './words.ts'

function find<E extends HTMLElement>(id: string, type: new () => E): E {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`open.html has no ${id}`)
}

export const page = {
  title: find('title', HTMLHeadingElement),
  status: find('status', HTMLParagraphElement),
  retry: find('retry', HTMLButtonElement),
  escaped: find('escaped', HTMLParagraphElement),
  offer: find('offer', HTMLElement),
  note: find('note', HTMLElement),
  noteText: find('note-text', HTMLElement),
  form: find('form', HTMLFormElement),
  passwordField: find('password-field', HTMLLabelElement),
  password: find('password', HTMLInputElement),
  refusal: find('refusal', HTMLParagraphElement),
  show: find('show', HTMLButtonElement),
  opened: find('opened', HTMLElement),
  text: find('text', HTMLPreElement),
  copy: find('copy', HTMLButtonElement),
  finish: find('finish', HTMLButtonElement),
  progress: find('progress', HTMLParagraphElement),
}

/** Shows one of the sections, or neither, under what is said. */
export function present({ title, text }: Saying, section?: HTMLElement): void {
  page.title.textContent = title
  page.status.textContent = text
  for (const each of [page.offer, page.opened]) each.hidden = each !== section
}

/** Runs an action on a person's clicks (a script's are not trusted: DOM Standard, isTrusted), one at a time. */
export function onClick(button: HTMLButtonElement, action: () => Promise<void> | void): void {
  let busy = false
  const run = async (): Promise<void> => {
    busy = true
    try {
      await action()
    } finally {
      busy = false
    }
  }
  button.addEventListener('click', (event) => {
    event.preventDefault()
    if (event.isTrusted && !busy) void run()
  })
}
