/** The mark: a key whose one half is missing. Drawn in the colour of the text around it. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path
        fill="currentColor"
        fill-rule="evenodd"
        d="M11 5a8 8 0 1 0 5.7 13.6L19 21h3v3h3v3h4V16H18.9A8 8 0 0 0 11 5ZM9 10.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z"
      />
    </svg>
  )
}

const SHAPES = {
  lock: 'M7 10V7a5 5 0 0 1 10 0v3h1a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h1Zm2 0h6V7a3 3 0 0 0-6 0v3Z',
  open: 'M9 10V7a3 3 0 0 1 5.8-1l1.9-.7A5 5 0 0 0 7 7v3H6a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-9a1 1 0 0 0-1-1H9Z',
  done: 'M9.5 18.5 3 12l2-2 4.5 4.5L19 5l2 2L9.5 18.5Z',
  stop: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1 5h2v7h-2V7Zm0 8.5h2v2h-2v-2Z',
} as const

export type IconName = keyof typeof SHAPES

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path fill="currentColor" fill-rule="evenodd" d={SHAPES[name]} />
    </svg>
  )
}
