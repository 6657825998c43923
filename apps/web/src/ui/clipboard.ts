/** Copying, and taking back what was copied. */

/** How long a copy is left on the clipboard, in milliseconds. */
const KEPT_FOR = 60_000

/** Returns whether the browser let the page copy. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Returns whether the browser let the page do it. */
export const clearClipboard = (): Promise<boolean> => copyText('')

/**
 * Clears the clipboard after a minute, if it surely still holds the copy: the page may read it, or was in front all the
 * time, so that nothing else was copied elsewhere. Asks for no permission.
 *
 * @param onCleared  called if it was cleared
 * @returns what calls it off
 */
export function clearLater(text: string, onCleared: () => void): () => void {
  let left = false
  const leave = (): void => {
    left = true
  }
  const stop = (): void => {
    clearTimeout(timer)
    for (const name of ['blur', 'copy', 'cut']) removeEventListener(name, leave)
  }
  for (const name of ['blur', 'copy', 'cut']) addEventListener(name, leave)
  const clear = async (): Promise<void> => {
    stop()
    if (!left || (await stillHolds(text))) if (await clearClipboard()) onCleared()
  }
  const timer = setTimeout(() => void clear(), KEPT_FOR)
  return stop
}

async function stillHolds(text: string): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })
    return state === 'granted' && (await navigator.clipboard.readText()) === text
  } catch {
    return false
  }
}
